import { NativeConnection, type Worker } from '@temporalio/worker';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { connectionOptions, type WorkerConfig } from './config';
import { createWorkers, type WorkerParts } from './create-workers';
import type { DatabaseGate } from './database-gate';
import { ensureCluster, WrongCluster } from './ensure-cluster';

const RETRY_MS = 1_000;
const PROBE_EVERY_MS = 3_000;
/** A server that accepts connections and never answers must not hold up a stop, nor the next try. */
const ANSWER_WITHIN_MS = 10_000;

export interface ServeClusterOptions {
  readonly config: WorkerConfig;
  readonly gate: DatabaseGate;
  readonly log: Logger;
  /** What the Workers are made of, for this connection. */
  readonly partsFor: (connection: NativeConnection) => Promise<WorkerParts>;
  /** Told true when all Workers take work, false when they stop. */
  readonly onReady: (ready: boolean) => void;
  /** Aborted = stop, finishing what is in flight. */
  readonly signal: AbortSignal;
}

/**
 * Keeps the Workers of one cluster running: waits for a server that is not up yet, makes what the cluster lacks, stops
 * taking work while the database does not answer, starts again. Resolves once stopped.
 *
 * @throws WrongCluster
 */
export async function serveCluster(options: ServeClusterOptions): Promise<void> {
  const { config, gate, log, signal } = options;
  const cluster = config.TEMPORAL_CLUSTER_NAME;
  for (let waiting = false; !signal.aborted;) {
    await gate.until(true, signal);
    if (signal.aborted) return;
    try {
      await serveOnce(options);
      waiting = false;
    } catch (error) {
      if (error instanceof WrongCluster) throw error;
      if (!waiting)
        log.warn({ cluster, address: config.TEMPORAL_ADDRESS, reason: String(error) }, 'waiting for the cluster');
      waiting = true;
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
}

/** From connecting until told to stop or the database is gone. */
async function serveOnce(options: ServeClusterOptions): Promise<void> {
  const { config, gate, log, partsFor, onReady, signal } = options;
  const connection = await connect(config, signal);
  try {
    await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => ensureCluster(connection, config));
    const workers = await createWorkers(connection, config, await partsFor(connection));
    const stop = new AbortController(); // ends the wait below when a Worker fails by itself
    const runs = workers.map(async (worker) => await worker.run().finally(() => stop.abort()));
    log.info(
      { cluster: config.TEMPORAL_CLUSTER_NAME, queues: workers.map(({ options }) => options.taskQueue) },
      'taking work',
    );
    onReady(true);
    const ending = AbortSignal.any([signal, stop.signal]);
    const watching = watchCluster(connection, options, ending).finally(() => stop.abort());
    const ended = Promise.allSettled([watching, ...runs]); // handled from the start, whoever fails first
    await gate.until(false, ending);
    onReady(false);
    log.info({ reason: reasonToStop(options) }, 'taking no more work');
    stop.abort();
    shutDown(workers);
    const failed = (await ended).find((run) => run.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    onReady(false);
    await connection.close().catch(() => {});
  }
}

/**
 * Asks the cluster every few seconds, for readiness, until `ending`. The Workers wait by themselves for a server that is gone;
 * one that comes back may have come back without what it had been given.
 */
async function watchCluster(
  connection: NativeConnection,
  { config, log, onReady }: ServeClusterOptions,
  ending: AbortSignal,
): Promise<void> {
  const { TEMPORAL_CLUSTER_NAME: cluster, TEMPORAL_NAMESPACE: namespace } = config;
  const bounded = <T>(call: () => Promise<T>) => connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, call);
  for (let answering = true; ;) {
    await delay(PROBE_EVERY_MS, undefined, { signal: ending }).catch(() => {});
    if (ending.aborted) return;
    try {
      await bounded(() => connection.workflowService.describeNamespace({ namespace }));
      if (answering) continue;
      await bounded(() => ensureCluster(connection, config));
      answering = true;
      log.info({ cluster }, 'the cluster answers again');
    } catch (error) {
      if (error instanceof WrongCluster) throw error;
      if (answering) log.warn({ cluster, reason: String(error) }, 'the cluster does not answer');
      answering = false;
    }
    if (!ending.aborted) onReady(answering);
  }
}

function reasonToStop({ signal, gate }: ServeClusterOptions): string {
  if (signal.aborted) return 'stopping';
  return gate.isOpen ? 'the cluster does not do' : 'the database does not answer';
}

/** Connecting has no deadline of its own; one that comes too late is closed. */
async function connect(config: WorkerConfig, signal: AbortSignal): Promise<NativeConnection> {
  const connecting = NativeConnection.connect(connectionOptions(config));
  const tooLate = delay(ANSWER_WITHIN_MS, undefined, { signal }).catch(() => {});
  const connection = await Promise.race([connecting, tooLate]);
  if (connection !== undefined) return connection;
  connecting.then((late) => late.close()).catch(() => {});
  throw new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`);
}

function shutDown(workers: readonly Worker[]): void {
  for (const worker of workers) {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  }
}
