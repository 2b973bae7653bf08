import { FlowProducer, Queue, Worker, type ConnectionOptions } from 'bullmq';
import { freePort } from '../../../stack/free-port';
import { spawnServer } from '../../../stack/spawn-server';
import { inBatches } from './in-batches';
import { ALL_MODES, AT_ONCE, BATCH, type Job, type Mode, type Peer } from './peer';
import { whenListening } from './when-listening';

const HOST = '127.0.0.1';
const connectionTo = (address: string): ConnectionOptions => ({
  host: HOST,
  port: Number(address),
  maxRetriesPerRequest: null,
});

/** Safe: the queue's copy of a job stays for a day, so that its id is refused a second time. */
const optionsOf = (job: Job, { isSafe }: Mode) => ({
  attempts: 3,
  removeOnComplete: isSafe ? { age: 24 * 3600 } : true,
  ...(isSafe && { jobId: job.key }),
});

/** BullMQ on a Redis that syncs its log before it answers: a queue for each consumer, a job for each delivery. */
export const bullmq: Peer = {
  name: 'BullMQ',
  lacks: [
    'a row of what was delivered, or of what was given up',
    'a second server to publish to, or a journal where Redis is down',
    'limits of each account over all workers (in BullMQ Pro)',
    'pages of an event with all its deliveries',
  ],
  server: {
    program: 'redis-server',
    install: 'apt-get install redis-server',
    async start(folder) {
      const port = await freePort();
      const settings = { port, bind: HOST, dir: folder, save: '', appendonly: 'yes', appendfsync: 'always' };
      const server = await spawnServer({
        file: 'redis-server',
        args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
        env: process.env,
        logFile: `${folder}/redis.log`,
        stopSignal: 'SIGTERM',
      });
      await whenListening(port, server);
      return { address: String(port), pid: server.pid, stop: () => server.end(['SIGTERM', 10_000]) };
    },
  },
  modes: ALL_MODES,

  async openPublisher({ address, queues, mode }) {
    const connection = connectionTo(address);
    const byName = queues.map((name) => new Queue(name, { connection }));
    const flows = new FlowProducer({ connection });
    const inAll = (jobs: readonly Job[]) =>
      flows.addBulk(
        jobs.flatMap((job) =>
          queues.map((queueName) => ({ name: 'event', queueName, data: job, opts: optionsOf(job, mode) })),
        ),
      );
    const one = (job: Job): Promise<unknown> =>
      mode.isSafe ? inAll([job]) : Promise.all(byName.map((queue) => queue.add('event', job, optionsOf(job, mode))));
    const many = (jobs: Job[]): Promise<unknown> =>
      mode.isSafe
        ? inAll(jobs)
        : Promise.all(
            byName.map((queue) =>
              queue.addBulk(jobs.map((job) => ({ name: 'event', data: job, opts: optionsOf(job, mode) }))),
            ),
          );
    await Promise.all([flows.waitUntilReady(), ...byName.map((queue) => queue.waitUntilReady())]);
    return {
      publish: mode.isBatched ? inBatches(BATCH, many) : one,
      close: () => Promise.all([flows.close(), ...byName.map((queue) => queue.close())]),
    };
  },

  async work({ address, queues }, handle) {
    const connection = connectionTo(address);
    const workers = queues.map(
      (name) => new Worker<Job>(name, ({ data }) => handle(name, [data]), { connection, concurrency: AT_ONCE }),
    );
    await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    return () => Promise.all(workers.map((worker) => worker.close()));
  },
};
