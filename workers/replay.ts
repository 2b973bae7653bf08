import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { DefaultLogger, Runtime, Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { parseArgs } from 'node:util';
import { GRPC, unless } from '../client/grpc-code';
import { openLargeEventStore } from '../client/large-events';
import { connectionOptionsOf } from '../client/open-cluster';
import { readPayloadKeys } from '../client/payload-keys';
import { treatPayloads } from '../client/payloads';
import { LARGE_TASK_QUEUE, RECORDED_EVENTS_TYPE, WORKFLOW_TYPE } from '../protocol/constants';
import { readClustersAlone, toClusterOptions, type ClusterConfig } from './clusters';
import { findWorkflowBundle, payloadConverterPath } from './create-workers';

const ofEvents = `WorkflowType = "${WORKFLOW_TYPE}"`;
/** By kind, which runs are looked for, newest first. */
const QUERIES: Readonly<Record<string, string>> = {
  open: `${ofEvents} AND ExecutionStatus = "Running"`,
  parked: `${ofEvents} AND ParkedQueues IS NOT NULL`,
  closed: `${ofEvents} AND ExecutionStatus != "Running"`,
  batch: `${ofEvents} AND WorkflowId STARTS_WITH "batch/"`,
  large: `${ofEvents} AND TaskQueue = "${LARGE_TASK_QUEUE}"`,
  resumeDeliveries: `WorkflowType = "resumeDeliveries"`,
  resendDeliveries: `WorkflowType = "resendDeliveries"`,
  pruneEvents: `WorkflowType = "pruneEvents"`,
  sweepDeliveries: `WorkflowType = "sweepDeliveries"`,
  recordedEvents: `WorkflowType = "${RECORDED_EVENTS_TYPE}"`,
};

interface Sampled {
  readonly kind: string;
  readonly workflowId: string;
  readonly runId: string;
}

interface Replayed extends Sampled {
  readonly cluster: string;
  /** Null: it replays. */
  readonly problem: string | null;
}

/**
 * `npm run replay -- [WORKFLOW_ID ...] [--each N] [--json]`: replays histories of the clusters, or the latest run of each workflow that is named, with the workflow code of this checkout: before a release is rolled out, and with WORKFLOW_BUNDLE of an
 * older release before it is rolled back to. Prints ids, never data of events. Exit code 1: some run would fail with this code.
 */
async function main(): Promise<void> {
  const options = { each: { type: 'string', default: '20' }, json: { type: 'boolean', default: false } } as const;
  const { values, positionals: workflowIds } = parseArgs({ options, allowPositionals: true });
  const { each, json } = values;
  const limit = Number(each);
  if (!Number.isInteger(limit) || limit < 1) throw new Error('--each: expected a number of runs, 1 or more.');
  // Without `forward` the SDK's native part writes its lines to standard output, among the JSON.
  const telemetryOptions = { logging: { forward: {}, filter: 'ERROR' } };
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions });
  const { WORKFLOW_BUNDLE, LARGE_EVENTS_DIR } = process.env;
  const store = LARGE_EVENTS_DIR ? openLargeEventStore(LARGE_EVENTS_DIR) : undefined;
  const replayer: ReplayWorkerOptions = {
    workflowBundle: await findWorkflowBundle(WORKFLOW_BUNDLE || undefined),
    dataConverter: {
      payloadConverterPath: require.resolve(payloadConverterPath),
      ...treatPayloads({ keys: readPayloadKeys(process.env), store }),
    },
  };
  const all: Replayed[] = [];
  for (const cluster of readClustersAlone(process.env))
    all.push(...(await replayCluster(cluster, { workflowIds, limit }, replayer)));
  const missing = workflowIds.filter((id) => !all.some(({ workflowId }) => workflowId === id));
  if (missing.length > 0) throw new Error(`No cluster has a workflow ${missing.join(', nor ')}.`);
  console.log(json ? JSON.stringify(all, undefined, 2) : describe(all));
  if (all.some(({ problem }) => problem !== null)) process.exitCode = 1;
}

interface Wanted {
  /** Empty: runs of each kind. */
  readonly workflowIds: readonly string[];
  /** Of each kind. */
  readonly limit: number;
}

async function replayCluster(
  config: ClusterConfig,
  { workflowIds, limit }: Wanted,
  replayer: ReplayWorkerOptions,
): Promise<Replayed[]> {
  const { name: cluster, namespace } = config;
  const connection = await Connection.connect(connectionOptionsOf(toClusterOptions(config)));
  try {
    // Ours reads every memo; the SDK's own ends the list at one that another program has encrypted.
    const dataConverter = { payloadConverterPath: require.resolve(payloadConverterPath) };
    const client = new Client({ connection, namespace, dataConverter });
    const known = new Map<string, Sampled>();
    const named = async function* () {
      for (const workflowId of workflowIds) {
        const history = await fetchLatest(client, workflowId);
        const runId = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId;
        if (history === undefined || !runId) continue;
        known.set(runId, { kind: 'named', workflowId, runId });
        yield { workflowId, history };
      }
    };
    const ofEachKind = async function* () {
      for (const [kind, query] of Object.entries(QUERIES)) {
        let count = 0;
        for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: limit })) {
          if (count++ === limit) break;
          if (known.has(runId)) continue;
          const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
          known.set(runId, { kind: kindOf(history) ?? kind, workflowId, runId });
          yield { workflowId, history };
        }
      }
    };
    const replayed: Replayed[] = [];
    for await (const { runId, error } of Worker.runReplayHistories(
      replayer,
      workflowIds.length > 0 ? named() : ofEachKind(),
    )) {
      const sampled = known.get(runId);
      if (sampled) replayed.push({ cluster, ...sampled, problem: error ? `${error.name}: ${error.message}` : null });
    }
    return replayed;
  } finally {
    await connection.close();
  }
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** Undefined: this cluster has no such workflow. */
async function fetchLatest(client: Client, workflowId: string): Promise<History | undefined> {
  return await client.workflow.getHandle(workflowId).fetchHistory().catch(unless(GRPC.NOT_FOUND));
}

/** The kind of a run that no query finds: it goes on with a recorded event, after a continue-as-new or because no other run worked on it. */
function kindOf({ events }: History): string | undefined {
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  if (started?.workflowType?.name !== WORKFLOW_TYPE) return undefined;
  const [payload] = started.input?.payloads ?? [];
  const encoding = Buffer.from(payload?.metadata?.['encoding'] ?? []).toString();
  if (!payload || encoding !== 'json/plain') return undefined;
  const input: unknown = defaultPayloadConverter.fromPayload(payload);
  if (typeof input !== 'object' || input === null || !('key' in input)) return undefined;
  return started.continuedExecutionRunId ? 'continued' : 'taken over';
}

const groupOf = ({ cluster, kind }: Replayed): string => `${cluster}, ${kind}`;

function describe(all: readonly Replayed[]): string {
  const counts = [...new Set(all.map(groupOf))].map((group) => {
    const runs = all.filter((one) => groupOf(one) === group);
    const failed = runs.filter(({ problem }) => problem !== null).length;
    return `${group}: ${runs.length} replayed, ${failed} failed`;
  });
  const failures = all.flatMap(({ cluster, workflowId, runId, problem }) =>
    problem === null ? [] : [`  ${cluster} ${workflowId} ${runId}: ${problem}`],
  );
  const total = `${all.length} runs replayed, ${failures.length} would fail with this code.`;
  return [...counts, total, ...failures].join('\n');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1); // the SDK's threads would keep the process alive
});
