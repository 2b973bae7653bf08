import { makeWorkerUtils, run, type TaskList } from 'graphile-worker';
import { openPool } from '../../../db/database-client';
import { onPool } from '../../../db/tx';
import { addJobs } from '../../queries/add-jobs';
import { inBatches } from './in-batches';
import { ALL_MODES, AT_ONCE, BATCH, type Job, type Peer } from './peer';

/** graphile-worker on the same PostgreSQL: a task for each consumer. Batched, a job carries a list of events. */
export const graphileWorker: Peer = {
  name: 'graphile-worker',
  lacks: [
    'a second server to publish to, or a journal where PostgreSQL is down',
    'a row for each delivery: a job that is done is removed, with its key',
    'limits of each account over all workers',
    'fair shares of sites',
    'a page for operators',
  ],
  modes: ALL_MODES,

  async openPublisher({ databaseUrl, queues, mode }) {
    const utils = await makeWorkerUtils({ connectionString: databaseUrl });
    await utils.migrate();
    const pool = openPool({ connectionString: databaseUrl, max: 20 }); // calls wait for a session as long as they have to
    const db = onPool(pool);
    const keyed = mode.isSafe;
    /** One statement: all or none. */
    const many = (jobs: readonly Job[]): Promise<void> =>
      addJobs(
        db,
        queues.map((task) => ({ task, payload: jobs, key: keyed ? `${task}/${jobs[0]?.key}` : null })),
      );
    const one = (job: Job): Promise<unknown> =>
      mode.isSafe
        ? addJobs(
            db,
            queues.map((task) => ({ task, payload: job, key: `${task}/${job.key}` })),
          )
        : Promise.all(queues.map((task) => utils.addJob(task, job)));
    return {
      publish: mode.isBatched ? inBatches(BATCH, many) : one,
      close: () => Promise.all([utils.release(), pool.end()]),
    };
  },

  async work({ databaseUrl, queues }, handle) {
    const taskList: TaskList = Object.fromEntries(
      queues.map((task) => [
        task,
        async (payload: unknown) => await handle(task, (Array.isArray(payload) ? payload : [payload]) as Job[]), // ours
      ]),
    );
    const runner = await run({
      connectionString: databaseUrl,
      taskList,
      concurrency: AT_ONCE * queues.length,
      maxPoolSize: 20,
      pollInterval: 10_000, // each of them polls; new jobs are notified
      noHandleSignals: true,
    });
    return () => runner.stop();
  },
};
