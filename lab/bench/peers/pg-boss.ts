import PgBoss from 'pg-boss';
import { deliveryId } from '../../../events/delivery-id';
import { listenForJobs, notifyOfJobs } from '../../queries/job-notices';
import { inBatches } from './in-batches';
import { ALL_MODES, AT_ONCE, BATCH, type Handle, type Job, type Mode, type Peer } from './peer';

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
    const wakes = queues.map((name) => takeFrom(boss, name, mode, handle));
    const wakeAll = (): void => {
      for (const wake of wakes) wake();
    };
    const notices = await listenForJobs(databaseUrl, wakeAll);
    const poll = setInterval(wakeAll, 500);
    return () => {
      clearInterval(poll);
      return Promise.all([boss.stop({ graceful: false }), notices.close()]);
    };
  },
};

/** Fetches as many jobs as it has free places, a statement at a time: `work` has one job or one list for each poller, and 50 of those wake for each notice. */
function takeFrom(boss: PgBoss, name: string, { isBatched }: Mode, handle: Handle): () => void {
  let free = AT_ONCE;
  let isFetching = false;
  let mayBeMore = false;
  const finish = async (jobs: PgBoss.Job<Job>[]): Promise<void> => {
    const ids = jobs.map(({ id }) => id);
    const work = handle(
      name,
      jobs.map(({ data }) => data),
    );
    await work.then(
      () => boss.complete(name, ids),
      () => boss.fail(name, ids),
    );
    free += 1;
    if (mayBeMore) wake();
  };
  const fetchAll = async (): Promise<void> => {
    isFetching = true;
    while (mayBeMore && free > 0) {
      mayBeMore = false; // a notice that comes meanwhile says again that there are
      const batchSize = isBatched ? BATCH : free;
      const jobs = await boss.fetch<Job>(name, { batchSize });
      mayBeMore ||= jobs.length === batchSize;
      for (const list of isBatched ? [jobs] : jobs.map((job) => [job])) {
        if (list.length === 0) continue;
        free -= 1;
        finish(list).catch(console.error);
      }
    }
  };
  const wake = (): void => {
    mayBeMore = true;
    if (isFetching) return;
    fetchAll()
      .catch(console.error)
      .finally(() => (isFetching = false));
  };
  wake();
  return wake;
}
