import PgBoss from 'pg-boss';
import { deliveryId } from '../../../events/delivery-id';
import { listenForJobs, notifyOfJobs } from '../../queries/job-notices';
import { inBatches } from './in-batches';
import { ALL_MODES, BATCH, type Job, type Mode, type Peer } from './peer';

/** Fetchers of each queue: each takes its next job, or its next list of them, when the last one is done. */
const FETCHERS = { single: 10, batched: 2 };

const jobsOf = (jobs: readonly Job[], queues: readonly string[], { isSafe }: Mode) =>
  jobs.flatMap((job) =>
    queues.map((name) => ({ name, data: job, ...(isSafe && { id: deliveryId(job.key, name, '') }) })),
  );

async function openBoss(connectionString: string): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString, max: 20 });
  boss.on('error', (error) => console.error(error));
  return await boss.start();
}

/** pg-boss on the same PostgreSQL. It polls twice a second at most; the publisher notifies the fetchers, as a team would add. */
export const pgBoss: Peer = {
  name: 'pg-boss',
  lacks: [
    'a second server to publish to, or a journal where PostgreSQL is down',
    'limits of each account over all workers',
    'fair shares of sites',
    'a notice of new jobs (version 10, the newest for Node 20; added here)',
    'pages of an event with all its deliveries',
  ],
  modes: ALL_MODES,

  async openPublisher({ databaseUrl, queues, mode }) {
    const boss = await openBoss(databaseUrl);
    for (const name of queues) await boss.createQueue(name);
    const notices = await notifyOfJobs(databaseUrl);
    /** One statement: all or none. */
    const many = async (jobs: readonly Job[]): Promise<void> => {
      await boss.insert(jobsOf(jobs, queues, mode));
      notices.notify();
    };
    const one = async (job: Job): Promise<void> => {
      if (mode.isSafe) return await many([job]);
      await Promise.all(queues.map((name) => boss.send(name, job)));
      notices.notify();
    };
    return {
      publish: mode.isBatched ? inBatches(BATCH, many) : one,
      close: () => Promise.all([boss.stop({ graceful: false }), notices.close()]),
    };
  },

  async work({ databaseUrl, queues, mode }, handle) {
    const boss = await openBoss(databaseUrl);
    const [batchSize, fetchers] = mode.isBatched ? [BATCH, FETCHERS.batched] : [1, FETCHERS.single];
    const options = { batchSize, pollingIntervalSeconds: 0.5 };
    const names = queues.flatMap((name) => Array.from({ length: fetchers }, () => name));
    const ids: string[] = await Promise.all(
      names.map((name, n) =>
        boss.work<Job>(name, options, async (jobs) => {
          await handle(
            name,
            jobs.map(({ data }) => data),
          );
          // Where a list was full, there may be more: the fetcher need not wait for its next poll.
          if (jobs.length === batchSize) boss.notifyWorker(ids[n] ?? '');
        }),
      ),
    );
    const notices = await listenForJobs(databaseUrl, () => {
      for (const id of ids) boss.notifyWorker(id);
    });
    return () => Promise.all([boss.stop({ graceful: false }), notices.close()]);
  },
};
