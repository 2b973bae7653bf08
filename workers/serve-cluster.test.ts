import { NativeConnection, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { readClusters, type ClusterConfig } from './clusters';
import { readConfig } from './config';
import { findWorkflowBundle } from './create-workers';
import { DatabaseGate } from './database-gate';
import { installRuntime } from './runtime';
import { serveCluster, type ClusterState } from './serve-cluster';

let stopping: AbortController;
let serving: Promise<unknown>;
let cluster: ClusterConfig;
let lines: string[];
let state: ClusterState;
let installation: string | undefined;
let isTold: boolean;
let onChange = () => {};

/** Serves a new namespace, with Workers that have nothing to do. */
async function serve(isDatabaseThere = true): Promise<void> {
  lines = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
  await installRuntime(log);
  const config = readConfig({
    DATABASE_URL: 'postgresql://127.0.0.1/none',
    TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'],
    TEMPORAL_NAMESPACE: `chat-${randomUUID()}`,
    SHUTDOWN_GRACE_SECONDS: '0',
  });
  [cluster] = readClusters(config);
  stopping = new AbortController();
  const { signal } = stopping;
  const gate = new DatabaseGate();
  const parts = {
    activities: {},
    deliveries: {},
    workflowBundle: await findWorkflowBundle(process.env['WORKFLOW_BUNDLE']),
    payloads: {},
    slots: (count: number, name: string) => gate.slots(count, name),
  };
  state = { ready: false };
  installation = undefined;
  isTold = isDatabaseThere;
  const onState = (now: ClusterState) => {
    state = now;
    onChange();
  };
  const options = {
    cluster,
    config,
    log,
    parts,
    onState,
    signal,
    startingMs: 0,
    installation: () => (isTold ? { id: installation } : undefined),
  };
  serving = serveCluster(options);
}

afterEach(async () => {
  jest.restoreAllMocks();
  stopping.abort();
  await serving;
}, 60_000);

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => (onChange = resolve));
}

it('serves a cluster that becomes another one no longer, until it is right again', async () => {
  await serve();
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
  installation = randomUUID(); // the database has told it late
  const dataOf = async () => {
    const { namespace } = cluster;
    return (await connection.workflowService.describeNamespace({ namespace })).namespaceInfo?.data ?? {};
  };
  while ((await dataOf())['chat-events.installation'] !== installation) await pause(100);
  installation = randomUUID(); // it is another database
  await until(() => state.reason?.includes('belongs to the installation') === true);
  await connection.close();
}, 120_000);

it('has no Workers before the database has told to which installation it belongs', async () => {
  const creating = jest.spyOn(Worker, 'create');
  await serve(false);
  await until(() => state.reason?.includes('the database has not told') === true);
  expect(creating).not.toHaveBeenCalled();
  isTold = true;
  await until(() => state.ready);
});

it('makes the Workers again when one of them dies', async () => {
  // What a Worker dies of by itself no test can bring about: this one ends as if it had.
  const { create } = Worker;
  const creating = jest.spyOn(Worker, 'create').mockImplementationOnce(async (options) => {
    const worker = await create.call(Worker, options);
    const { run } = worker;
    worker.run = async () => {
      setTimeout(() => worker.shutdown(), 200);
      await run.call(worker);
      throw new Error('this Worker has died');
    };
    return worker;
  });
  await serve();
  await until(() => state.reason?.includes('this Worker has died') === true);
  await until(() => state.ready);
  expect(creating).toHaveBeenCalledTimes(4); // each time one for workflows and one for the sweep
}, 120_000);
