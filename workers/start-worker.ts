import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { pino, type Logger } from 'pino';
import { InFlight } from '../activities/connections/in-flight';
import { createConsumers } from '../activities/consumers';
import type { Consumer } from '../activities/consumer';
import { createActivities, createDeliveries, type ActivityDeps } from '../activities/create-activities';
import { createRemoveOldFiles } from '../activities/maintenance/remove-old-files';
import { continueEvent } from '../client/continue-event';
import { openLargeEventStore } from '../client/large-events';
import { createDatabase } from '../db/database';
import { saveEvents } from '../db/domain/save-events';
import { createPool } from '../db/pool';
import { saveTickets } from '../db/tickets/save-tickets';
import { onPool } from '../db/tx';
import { policyOf, retryDelayMs } from '../workflows/delivery-policy';
import { readAddresses, readPolicies, readSecretBox, type WorkerConfig } from './config';
import { findWorkflowBundle, payloadConverterPath, type WorkerParts } from './create-workers';
import { DatabaseGate } from './database-gate';
import { startHealthServer } from './health-server';
import { createMetrics } from './metrics';
import { installRuntime } from './runtime';
import { serveCluster } from './serve-cluster';

export interface RunningWorker {
  /** Of /healthz, /readyz and /metrics. */
  readonly port: number;
  /** Resolves when it takes work for the first time. */
  readonly ready: Promise<void>;
  /** Rejects when the worker cannot go on (WrongCluster); resolves after stop. */
  readonly done: Promise<void>;
  /** Takes no more work, finishes or hands back what is in flight. */
  stop(): Promise<void>;
}

export interface StartWorkerOptions {
  readonly log?: Logger;
  /** Instead of the registry's, for tests. */
  readonly consumers?: Readonly<Record<string, Consumer>>;
}

/**
 * The composition root: builds everything from the configuration and keeps it running. Servers that are not up yet are
 * waited for.
 *
 * @throws when the port for health and metrics is taken, or LARGE_EVENTS_DIR cannot be used
 */
export async function startWorker(config: WorkerConfig, options: StartWorkerOptions = {}): Promise<RunningWorker> {
  const log = options.log ?? pino({ level: config.LOG_LEVEL });
  const stopping = new AbortController();
  const { signal } = stopping;
  const sdkMetricsUrl = await installRuntime(log);
  const largeEvents = config.LARGE_EVENTS_DIR === undefined ? undefined : openLargeEventStore(config.LARGE_EVENTS_DIR);
  await largeEvents?.prepare();
  const pool = createPool(config.DATABASE_URL, { max: config.DATABASE_POOL_SIZE });
  const db = createDatabase(pool);
  // Of its own, so that a busy pool does not look like a database that is gone.
  const probe = createPool(config.DATABASE_URL, { max: 1, statementTimeoutMs: 2_000 });
  const gate = new DatabaseGate();
  const secretBox = readSecretBox(config);
  const inFlight = new InFlight();
  const policies = readPolicies(config);
  const metrics = createMetrics();
  const consumers =
    options.consumers ??
    createConsumers({
      saveEvents,
      saveTickets,
      allowedAddresses: readAddresses(config.ALLOWED_ADDRESSES),
    });
  const modes = Object.fromEntries(Object.keys(consumers).map((name) => [name, policyOf(name).mode]));
  const workflowBundle = await findWorkflowBundle();
  let ready = false;
  let setReady = () => {};
  const firstReady = new Promise<void>((resolve) => (setReady = resolve));

  const partsFor = async (connection: NativeConnection): Promise<WorkerParts> => {
    const deps: ActivityDeps = {
      db,
      clusterName: config.TEMPORAL_CLUSTER_NAME,
      overdueAfterSeconds: config.OVERDUE_AFTER_SECONDS,
      sweepLimit: config.SWEEP_LIMIT,
      modes,
      inHouse: Object.fromEntries(
        Object.entries(consumers).flatMap(([name, consumer]) =>
          consumer.kind === 'inDatabase' && modes[name] === 'local' ? [[name, consumer]] : [],
        ),
      ),
      retryDelayMs: (consumer, tries) => retryDelayMs(policies(consumer), tries),
      secretBox,
      inFlight,
      runs: createRuns(connection, config.TEMPORAL_NAMESPACE),
      removeOldFiles: largeEvents && createRemoveOldFiles(largeEvents, config.TEMPORAL_RETENTION_HOURS),
      observe: (attempt) => {
        metrics.observe(attempt);
        log.info(attempt, 'delivery attempted');
      },
      observeRecorded: metrics.observeRecorded,
    };
    return {
      activities: createActivities(deps),
      deliveries: createDeliveries(consumers, deps),
      workflowBundle,
      largeEvents,
    };
  };

  const health = await startHealthServer({
    port: config.WORKER_PORT,
    host: config.WORKER_HOST,
    isReady: () => ready && gate.isOpen,
    registry: metrics.registry,
    sdkMetricsUrl,
  });
  const watching = gate.watch(onPool(probe), signal);
  const serving = serveCluster({
    config,
    gate,
    log,
    partsFor,
    signal,
    onReady: (now) => {
      ready = now;
      metrics.ready.set(now ? 1 : 0);
      if (now) setReady();
    },
  });
  const serveUntilStopped = async (): Promise<void> => {
    try {
      await serving;
    } finally {
      stopping.abort();
      await watching;
      await health.close();
      await Promise.all(Object.values(consumers).map(closeConsumer));
      await Promise.all([pool.end(), probe.end()]);
    }
  };
  const done = serveUntilStopped();
  done.catch(() => {}); // whoever wants to know awaits `done`
  return {
    port: health.port,
    ready: firstReady,
    done,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

async function closeConsumer(consumer: Consumer): Promise<void> {
  if (consumer.kind === 'external') await consumer.close?.();
}

/** The sweep's view of the cluster that its connection leads to. */
function createRuns(connection: NativeConnection, namespace: string): ActivityDeps['runs'] {
  const dataConverter = { payloadConverterPath: require.resolve(payloadConverterPath) };
  const client = new Client({ connection, namespace, dataConverter });
  const bounded = <T>(call: () => Promise<T>) => connection.withDeadline(Date.now() + 10_000, call).catch(unlessGone);
  return {
    continueEvent: (event) => continueEvent(client.workflow, event),
    refresh: (workflowId) => bounded(() => client.workflow.getHandle(workflowId).signal('refresh')),
    isOpen: async (workflowId) => {
      const description = await bounded(() => client.workflow.getHandle(workflowId).describe());
      return description?.status.name === 'RUNNING';
    },
  };
}

/** A run that is closed or unknown is an answer, not an error. */
function unlessGone(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}
