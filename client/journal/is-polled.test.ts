import { freshNamespace } from '../../tests/fresh-namespace';
import { TASK_QUEUE } from '../../protocol/constants';
import { openCluster } from '../open-cluster';
import { isPolled } from './is-polled';

test('a task queue is polled when a worker has asked for work a moment ago', async () => {
  const { namespace, close } = await freshNamespace();
  const cluster = openCluster({ name: 'main', address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '', namespace });
  const { client } = cluster;
  expect(await isPolled(cluster)).toBe(false);
  const poll = { namespace, taskQueue: { name: TASK_QUEUE }, identity: 'a worker' };
  const polling = client.withDeadline(Date.now() + 5_000, () => client.workflowService.pollWorkflowTaskQueue(poll));
  const ended = polling.catch(() => {}); // at its deadline
  while (!(await isPolled(cluster))) await new Promise((resolve) => setTimeout(resolve, 50));
  await ended;
  await cluster.close();
  await close();
}, 30_000);
