import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PublisherOptions, PublisherStatus } from '../../client';
import type { DayLine } from '../read-day';
import type { OnUnaskedEnd } from '../../stack/spawn-server';
import type { Answer, PublisherArgument, Question, Reply } from './publisher-process';

export interface PublisherProcess {
  readonly pid: number | undefined;
  /** Resolves with the result of publish; undefined when the process was killed before it answered. */
  publish(line: DayLine): Promise<Answer | undefined>;
  /** Undefined when it does not run. */
  status(): Promise<PublisherStatus | undefined>;
  /** Resolves when it runs: after a call without an answer, when its successor does. False: it has ended by itself. */
  up(): Promise<boolean>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again, with the same options: on the same journal. */
  start(): Promise<void>;
  /** Closes the publisher, as a chat server does that is shut down. */
  close(): Promise<void>;
}

export interface PublisherProcessOptions {
  readonly options: PublisherOptions;
  /** It is a sidecar, with these options. Default: false. */
  readonly isSidecar?: boolean;
  readonly logFile: string;
  /** How far its clock is ahead, in milliseconds. */
  readonly clockShiftMs: number;
  readonly onUnaskedEnd: OnUnaskedEnd;
}

/** Starts a publisher in a process of its own. It ends with this process. */
export async function openPublisher(given: PublisherProcessOptions): Promise<PublisherProcess> {
  let running: RunningPublisher | undefined;
  const changes = new EventEmitter().setMaxListeners(0); // every event that waits to be published listens

  async function start(): Promise<void> {
    const started = startProcess(given, () => changes.emit('change'));
    running = started;
    // It has loaded when it answers.
    if ((await started.ask('status')).status === undefined) {
      throw new Error(`A publisher did not start: ${given.logFile}`);
    }
    started.state = 'up';
    changes.emit('change');
  }

  async function kill(): Promise<void> {
    if (running === undefined) return;
    running.state = 'killed';
    running.child.kill('SIGKILL');
    await running.ended;
  }

  await start();
  return {
    get pid() {
      return running?.child.pid;
    },
    publish: async (line) => (await running?.ask({ publish: line }))?.answer,
    status: async () => (await running?.ask('status'))?.status,
    async up() {
      while (running?.state !== 'up') {
        if (running?.state === 'ended by itself') return false;
        await once(changes, 'change');
      }
      return true;
    },
    kill,
    start,
    async close() {
      await running?.ask('close');
      await kill();
    },
  };
}

/** One process, from its start to its end. */
interface RunningPublisher {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  /**
   * `starting` until its first answer, then `up`; `cut off` when a question cannot be sent, although its end is not known yet:
   * that is told in a later turn of the event loop only, and a caller that asks in the same turn would ask for ever.
   */
  state: 'starting' | 'up' | 'cut off' | 'killed' | 'ended by itself';
  /** Resolves with nothing in it when the process ended before it answered. */
  ask(question: Question): Promise<Reply>;
}

function startProcess(
  { options, isSidecar = false, logFile, clockShiftMs, onUnaskedEnd }: PublisherProcessOptions,
  onEnd: () => void,
): RunningPublisher {
  const log = openSync(logFile, 'a');
  const shift = clockShiftMs === 0 ? [] : ['--import', pathToFileURL(join(__dirname, 'shifted-clock.mjs')).href];
  const child = fork(
    join(__dirname, 'publisher-process.ts'),
    [JSON.stringify({ options, isSidecar } satisfies PublisherArgument)],
    {
      execArgv: ['--import', 'tsx', ...shift],
      env: { ...process.env, CLOCK_SHIFT_MS: String(clockShiftMs) },
      stdio: ['ignore', log, log, 'ipc'],
    },
  );
  closeSync(log);
  let next = 1;
  const waiting = new Map<number, (reply: Reply) => void>();
  const settle = (n: number, reply: Reply): void => {
    waiting.get(n)?.(reply);
    waiting.delete(n);
  };
  child.on('message', ({ n, reply }: { n: number; reply: Reply }) => settle(n, reply));
  const running: RunningPublisher = {
    child,
    ended: new Promise((resolve) => child.once('exit', () => resolve())),
    state: 'starting',
    ask(question) {
      const n = next++;
      return new Promise((resolve) => {
        if (!child.connected) return resolve({});
        waiting.set(n, resolve);
        child.send({ n, question }, (error) => {
          if (error === null) return;
          if (running.state === 'up') running.state = 'cut off';
          settle(n, {});
        });
      });
    },
  };
  child.once('exit', (code, signal) => {
    const isAsked = running.state === 'killed' && signal === 'SIGKILL';
    if (!isAsked) onUnaskedEnd(signal === null ? `exit code ${code}` : `signal ${signal}`, logFile);
    running.state = isAsked ? 'killed' : 'ended by itself';
    for (const n of waiting.keys()) settle(n, {});
    onEnd();
  });
  return running;
}
