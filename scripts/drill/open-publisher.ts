import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { PublisherOptions, PublisherStatus } from '../../client';
import type { DayLine } from '../demo/read-day';
import type { Answer, Question, Reply } from './publisher-process';

export interface PublisherProcess {
  /** Resolves with what publish said; undefined when the process was killed before it could. */
  publish(line: DayLine): Promise<Answer | undefined>;
  /** Undefined when it does not run. */
  status(): Promise<PublisherStatus | undefined>;
  /** Resolves when it runs. */
  up(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again, with the same options: on the same journal. */
  start(): Promise<void>;
  /** Closes the publisher, as a chat server does that is shut down. */
  close(): Promise<void>;
}

export interface PublisherProcessOptions {
  readonly options: PublisherOptions;
  readonly logFile: string;
  /** How far its clock is ahead, in milliseconds. */
  readonly clockShiftMs: number;
}

/** Starts a publisher in a process of its own. It ends with this process. */
export async function openPublisher(given: PublisherProcessOptions): Promise<PublisherProcess> {
  let child: ChildProcess | undefined;
  let next = 1;
  const waiting = new Map<number, (reply: Reply) => void>();
  const happenings = new EventEmitter();

  async function start(): Promise<void> {
    const started = startProcess(given);
    started.on('message', ({ n, reply }: { n: number; reply: Reply }) => {
      waiting.get(n)?.(reply);
      waiting.delete(n);
    });
    started.once('exit', () => {
      child = undefined;
      for (const settle of waiting.values()) settle({});
      waiting.clear();
    });
    child = started;
    // It has loaded when it answers.
    if ((await ask('status')).status === undefined) throw new Error(`A publisher did not start: ${given.logFile}`);
    happenings.emit('up');
  }

  function ask(question: Question): Promise<Reply> {
    const n = next++;
    return new Promise((resolve) => {
      if (child?.connected !== true) return resolve({});
      waiting.set(n, resolve);
      child.send({ n, question }, (error) => {
        if (error === null) return;
        waiting.delete(n); // it was killed, and nobody has been told yet
        resolve({});
      });
    });
  }

  async function kill(): Promise<void> {
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  await start();
  return {
    publish: async (line) => (await ask({ publish: line })).answer,
    status: async () => (await ask('status')).status,
    async up() {
      // A process that was killed is cut off before it is known to have ended.
      if (child?.connected !== true) await once(happenings, 'up');
    },
    kill,
    start,
    async close() {
      await ask('close');
      await kill();
    },
  };
}

function startProcess({ options, logFile, clockShiftMs }: PublisherProcessOptions): ChildProcess {
  const log = openSync(logFile, 'a');
  const shift = clockShiftMs === 0 ? [] : ['--import', join(__dirname, 'shifted-clock.ts')];
  const child = fork(join(__dirname, 'publisher-process.ts'), [JSON.stringify(options)], {
    execArgv: ['--import', 'tsx', ...shift],
    env: { ...process.env, CLOCK_SHIFT_MS: String(clockShiftMs) },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  return child;
}
