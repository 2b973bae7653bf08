import { Connection, WorkflowClient } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { fanOut } from './fan-out-workflow';
import { AT_ONCE, type Job, type Peer } from './peer';

const TASK_QUEUE = 'peers';

/** A workflow for each event with one activity for each consumer: the product without batches, rows and journal. */
export const bareTemporal: Peer = {
  name: 'bare Temporal',
  lacks: [
    'batches: at 2,000 outstanding, 200 are measured, as more only wait longer',
    'rows: which event is where is known as long as Temporal keeps it',
    'a second cluster, or a journal where the first is down',
    'limits of each account over all workers, fair shares of sites',
    'privacy: the event stands in every activity',
  ],
  needsTemporal: true,
  modes: [
    { isBatched: false, isSafe: false },
    { isBatched: false, isSafe: true },
  ],
  mostOutstanding: 200,

  async openPublisher({ temporalAddress, queues }) {
    const connection = await Connection.connect({ address: temporalAddress });
    const client = new WorkflowClient({ connection });
    return {
      publish: (job) =>
        client.start<typeof fanOut>('fanOut', { workflowId: job.key, taskQueue: TASK_QUEUE, args: [job, queues] }),
      finish: (key) => client.getHandle(key).result(),
      close: () => connection.close(),
    };
  },

  async work({ temporalAddress, queues }, handle) {
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
    const connection = await NativeConnection.connect({ address: temporalAddress });
    const worker = await Worker.create({
      connection,
      taskQueue: TASK_QUEUE,
      maxConcurrentActivityTaskExecutions: AT_ONCE * queues.length,
      workflowsPath: require.resolve('./fan-out-workflow'),
      activities: Object.fromEntries(queues.map((queue) => [queue, (job: Job) => handle(queue, [job])])),
    });
    const running = worker.run();
    return async () => {
      worker.shutdown();
      await running;
      await connection.close();
    };
  },
};
