/* oxlint-disable eslint/no-restricted-imports -- the yardstick needs the product's own runtime and worker options, not a copy */
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { readClusters } from '../../workers/clusters';
import { readConfig } from '../../workers/config';
import { DatabaseGate } from '../../workers/database-gate';
import { installRuntime } from '../../workers/runtime';
import { serveCluster, type ClusterState } from '../../workers/serve-cluster';
import type { BareActivities } from './bare-workflow';

const activities: Pick<BareActivities, 'recordEvents'> = { recordEvents: async () => ({ ids: ['one'] }) };
const deliveries: Pick<BareActivities, 'persistence'> = { persistence: async () => ({ delivered: 1 }) };
const answersAlways = { query: async () => ({ rows: [], rowCount: 0 }) };

/** A worker process as the product's, but its activities do nothing. Until SIGTERM. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = pino({ level: config.LOG_LEVEL });
  const stopping = new AbortController();
  const { signal } = stopping;
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stopping.abort());
  await installRuntime(log);
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./bare-workflow'),
    payloadConverterPath: require.resolve('../../protocol/payload-converter'),
    logger: new DefaultLogger('ERROR'),
  });
  const gate = new DatabaseGate();
  const parts = {
    workflowBundle,
    activities: { ...activities },
    deliveries: { ...deliveries },
    payloads: {},
    slots: (count: number, name: string) => gate.slots(count, name),
  };
  const [cluster] = readClusters(config);
  const onState = ({ ready }: ClusterState): void => void (ready && log.info('taking work'));
  const watching = gate.watch(answersAlways, signal);
  await serveCluster({ cluster, config, log, parts, onState, signal, installation: undefined });
  await watching;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
