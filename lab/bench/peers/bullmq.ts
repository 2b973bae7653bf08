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

/** Safe: the queue's copy of a job stays for a day, so that its id is refused a second time; a list has the id of its first event. */
const optionsOf = (jobs: readonly Job[], { isSafe }: Mode) => ({
  attempts: 3,
  removeOnComplete: isSafe ? { age: 24 * 3600 } : true,
  ...(isSafe && { jobId: jobs[0]?.key ?? '' }),
});

/** BullMQ on a Redis that syncs its log before it answers: a queue for each consumer, a job for each delivery. Batched, a job carries a list of events. */
export const bullmq: Peer = {
  name: 'BullMQ',
  lacks: [
    'a row for each delivery that was made or given up',
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
    const many = async (jobs: readonly Job[]): Promise<void> => {
      const opts = optionsOf(jobs, mode);
      await (mode.isSafe
        ? flows.addBulk(queues.map((queueName) => ({ name: 'event', queueName, data: jobs, opts })))
        : Promise.all(byName.map((queue) => queue.add('event', jobs, opts))));
    };
    await Promise.all([flows.waitUntilReady(), ...byName.map((queue) => queue.waitUntilReady())]);
    return {
      publish: mode.isBatched ? inBatches(BATCH, many) : (job) => many([job]),
      close: () => Promise.all([flows.close(), ...byName.map((queue) => queue.close())]),
    };
  },

  async work({ address, queues }, handle) {
    const connection = connectionTo(address);
    const workers = queues.map(
      (name) =>
        new Worker<readonly Job[]>(name, ({ data }) => handle(name, data), { connection, concurrency: AT_ONCE }),
    );
    await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    return () => Promise.all(workers.map((worker) => worker.close()));
  },
};
