import { openHandlers, type HandlersOptions } from './handlers';
import { peers } from './all-peers';
import type { Handle, Job, Place } from './peer';

/** The first argument of this process, as JSON. */
export interface WorkerOrder extends HandlersOptions {
  readonly peer: string;
  readonly place: Place;
}

/** Its messages: that it takes work, which jobs are done, by their events' keys, and that one failed. */
export type WorkerNews = { readonly ready: true } | { readonly done: readonly string[] } | { readonly failed: string };

const tell = (news: WorkerNews): void => void process.send?.(news);

/** A worker process of a peer, until its parent lets it go. Only that a job is done is told, several at once. */
async function main(order: WorkerOrder): Promise<void> {
  const peer = peers[order.peer];
  if (peer === undefined) throw new Error(`There is no peer ${order.peer}.`);
  const { handle, close } = await openHandlers(order);
  let done: string[] = [];
  const note = (jobs: readonly Job[]): void => {
    if (done.length === 0) {
      setImmediate(() => {
        tell({ done });
        done = [];
      });
    }
    done.push(...jobs.map(({ key }) => key));
  };
  const handleAndTell: Handle = async (queue, jobs) => {
    await handle(queue, jobs).catch((error: unknown) => {
      tell({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      throw error;
    });
    note(jobs);
  };
  const stop = await peer.work(order.place, handleAndTell);
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), 20_000).unref();
    void stop()
      .then(close)
      .finally(() => process.exit());
  });
  tell({ ready: true });
}

main(JSON.parse(process.argv[2] ?? '{}') as WorkerOrder).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
