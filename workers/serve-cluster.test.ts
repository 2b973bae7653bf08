import { NativeConnection } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { readClusters } from './clusters';
import { readConfig } from './config';
import { findWorkflowBundle } from './create-workers';
import { DatabaseGate } from './database-gate';
import { installRuntime } from './runtime';
import { serveCluster, type ClusterState } from './serve-cluster';

it('serves a cluster that becomes another one no longer, until it is right again', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
  await installRuntime(log);
  const config = readConfig({
    DATABASE_URL: 'postgresql://127.0.0.1/none',
    TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'],
    TEMPORAL_NAMESPACE: `chat-${randomUUID()}`,
    SHUTDOWN_GRACE_SECONDS: '0',
  });
  const [cluster] = readClusters(config);
  const stopping = new AbortController();
  const { signal } = stopping;
  const gate = new DatabaseGate();
  const watching = gate.watch({ query: async () => ({ rows: [], rowCount: 0 }) }, signal); // always answers
  let state: ClusterState = { ready: false };
  let onChange = () => {};
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => (onChange = resolve));
  };
  const parts = { activities: {}, deliveries: {}, workflowBundle: await findWorkflowBundle(), largeEvents: undefined };
  const onState = (now: ClusterState) => {
    state = now;
    onChange();
  };
  const serving = serveCluster({ cluster, config, gate, log, parts, onState, signal, startingMs: 0 });
  await until(() => state.ready);

  const connection = await NativeConnection.connect({ address: cluster.address });
  const rename = (name: string) =>
    connection.workflowService.updateNamespace({
      namespace: cluster.namespace,
      updateInfo: { data: { 'chat-events.cluster': name } },
    });
  await rename('another');
  await until(() => state.reason?.includes('belongs to the cluster "another"') === true);
  expect(lines.map((line) => JSON.parse(line).msg)).toContain('not serving this cluster');
  await rename(cluster.name);
  await until(() => state.ready);
  await connection.close();
  stopping.abort();
  await Promise.all([serving, watching]);
}, 120_000);
