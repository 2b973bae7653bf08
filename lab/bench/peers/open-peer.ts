import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { eventKey } from '../../../events/event-key';
import type { MadeEvent } from '../../make-events';
import type { Side } from '../sides';
import { peers } from './all-peers';
import type { Job, Place } from './peer';
import type { WorkerNews, WorkerOrder } from './worker';

/** A system that is up, with its processes. */
export interface Running {
  readonly side: Side;
  readonly pids: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export interface OpenPeerOptions extends Omit<WorkerOrder, 'place'> {
  readonly place: Omit<Place, 'address'>;
  /** Empty, for data and logs. */
  readonly folder: string;
}

/** Starts a peer's server and worker, and opens its publisher. */
export async function openPeer(options: OpenPeerOptions): Promise<Running> {
  const { peer: name, folder } = options;
  const peer = peers[name];
  if (peer === undefined) throw new Error(`There is no peer ${name}.`);
  const server = await peer.server?.start(folder);
  const place: Place = { ...options.place, address: server?.address ?? '' };
  const publisher = await peer.openPublisher(place);
  const events = openWaiting(place.queues.length);
  const worker = startWorker({ ...options, place }, join(folder, 'worker.log'), events);
  await events.ready;
  const side: Side = {
    name: peer.name,
    async start(event) {
      const job = jobOf(event);
      const done = publisher.finish === undefined ? events.add(job.key) : undefined;
      await publisher.publish(job);
      return {
        key: job.key,
        workflowId: job.key,
        finish: async () => void (await (done ?? publisher.finish?.(job.key))),
      };
    },
    close: async () => void (await publisher.close()),
  };
  return {
    side,
    pids: {
      worker: worker.pid ?? 0,
      ...(server && { [peer.name]: server.pid }),
    },
    async close() {
      await publisher.close();
      if (worker.connected) {
        const ended = once(worker, 'exit');
        worker.disconnect();
        await ended;
      }
      await server?.stop();
    },
  };
}

function startWorker(order: WorkerOrder, logFile: string, events: ReturnType<typeof openWaiting>): ChildProcess {
  const log = openSync(logFile, 'a');
  const child = fork(join(__dirname, 'worker.ts'), [JSON.stringify(order)], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production', UV_THREADPOOL_SIZE: '16' },
    stdio: ['ignore', log, log, 'ipc'],
  });
  child.on('message', (news: WorkerNews) => events.hear(news));
  child.once('exit', (code) => events.hear({ failed: `it ended with ${code}; its log: ${logFile}` }));
  return child;
}

/** Events that are published, until the worker has told that each of their jobs is done. */
function openWaiting(jobsOfEvent: number) {
  interface Waiting {
    left: number;
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  }
  const waiting = new Map<string, Waiting>();
  let failure: Error | undefined;
  const add = (key: string, left: number): Promise<void> => {
    const done = new Promise<void>((resolve, reject) => {
      if (failure) reject(failure);
      else waiting.set(key, { left, resolve, reject });
    });
    done.catch(() => undefined); // of many that fail together, the first is waited for
    return done;
  };
  const note = (key: string): void => {
    const one = waiting.get(key);
    if (one === undefined || (one.left -= 1) > 0) return;
    waiting.delete(key);
    one.resolve();
  };
  return {
    ready: add('', 1),
    /** @returns a promise that resolves when the event's jobs are done */
    add: (key: string) => add(key, jobsOfEvent),
    hear(news: WorkerNews): void {
      if ('ready' in news) note('');
      else if ('done' in news) for (const key of news.done) note(key);
      else {
        failure = new Error(`A peer's worker failed: ${news.failed}`);
        for (const { reject } of waiting.values()) reject(failure);
        waiting.clear();
      }
    },
  };
}

function jobOf({ type, data, id }: MadeEvent): Job {
  const chat = 'Chat' in data ? data.Chat : data;
  const { SiteId, ChatId } = chat as { readonly SiteId: number; readonly ChatId?: string }; // of both makers of events
  const siteId = String(SiteId);
  const event = { type, id: id ?? String(ChatId), siteId, receivedAt: new Date().toISOString(), data };
  return { key: eventKey(event), event };
}
