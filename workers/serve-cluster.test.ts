import { NativeConnection, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
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
let onChange = () => {};

/** Serves a new namespace, with Workers that have nothing to do. */
async function serve(installation?: string): Promise<void> {
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
    activities: { sweep: async () => {} },
    deliveries: {},
    workflowBundle: await findWorkflowBundle(process.env['WORKFLOW_BUNDLE']),
    payloads: {},
    slots: (count: number, name: string) => gate.slots(count, name),
  };
  state = { ready: false };
  const onState = (now: ClusterState) => {
    state = now;
    onChange();
  };
  serving = serveCluster({ cluster, config, log, parts, onState, signal, startingMs: 0, installation });
}

afterEach(async () => {
  jest.restoreAllMocks();
  stopping.abort();
  await serving;
}, 60_000);

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => (onChange = resolve));
}

it('serves a cluster that becomes another one, or of another installation, no longer, until it is right again', async () => {
  const installation = randomUUID();
  await serve(installation);
  await until(() => state.ready);
  const connection = await NativeConnection.connect({ address: cluster.address });
  const write = (data: Record<string, string>) =>
    connection.workflowService.updateNamespace({ namespace: cluster.namespace, updateInfo: { data } });
  for (const [name, own, another, reason] of [
    ['chat-events.cluster', cluster.name, 'another', 'belongs to the cluster "another"'],
    ['chat-events.installation', installation, randomUUID(), 'belongs to the installation'],
  ] as const) {
    await write({ [name]: another });
    await until(() => state.reason?.includes(reason) === true);
    expect(lines.map((line) => JSON.parse(line).msg)).toContain('not serving this cluster');
    await write({ [name]: own });
    await until(() => state.ready);
  }
  await connection.close();
}, 120_000);

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
