import { Connection, WorkflowClient } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { breakTables, mendTables } from '../queries/break-tables';
import { setSubscriptionState } from '../../db/subscriptions';
import { MAINTENANCE_PRIORITY, NAMESPACE, TASK_QUEUE } from '../../protocol/constants';
import type { Step } from './scenario';
import type { ClusterName } from './set-up';

const PAUSED = 'CannedMessage.UseLog';
/** So many writes of conversions fail for now. */
const FAILING_WRITES = 10;

/** From now on bans are parked (the table refuses them), conversions fail for a while, and one subscription is paused. */
export const breakAndPause = (): Step => ({
  says: `agent_ban refuses every row, conversion some, ${PAUSED} is paused`,
  isFault: false,
  async run({ db }) {
    await breakTables(db, FAILING_WRITES);
    await setSubscriptionState(db, PAUSED, '*', 'paused');
  },
});

/** The operator's part: mends, resumes, and sends parked deliveries again, through this cluster. */
export const mendAndRedrive = (through: ClusterName): Step => ({
  says: `the table is mended, ${PAUSED} resumed, the parked deliveries are sent again through ${through}`,
  isFault: false,
  async run({ db, servers }) {
    await mendTables(db);
    await setSubscriptionState(db, PAUSED, '*', 'active');
    const connection = Connection.lazy({ address: servers[through].address });
    try {
      await new WorkflowClient({ connection, namespace: NAMESPACE }).start('resumeDeliveries', {
        taskQueue: TASK_QUEUE,
        workflowId: `drill/${randomUUID()}`,
        args: [{ action: 'redrive', failure: 'Rejected', rate: 200 }],
        priority: MAINTENANCE_PRIORITY,
      });
    } finally {
      await connection.close();
    }
  },
});
