import { NativeConnection, type NativeConnectionOptions, type Worker } from '@temporalio/worker';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { apiKeyOf } from '../client/api-key';
import { explainToken } from '../client/explain-token';
import { isNotPermitted, wordsOf } from '../client/grpc-code';
import { toClusterOptions, type ClusterConfig } from './clusters';
import type { WorkerConfig } from './config';
import { createWorkers, type WorkerParts } from './create-workers';
import { ensureCluster, isComplete, WrongCluster } from './ensure-cluster';
import { findRelease, makeFirstCurrent } from './first-release';

const RETRY_MS = 1_000;
const PROBE_EVERY_MS = 3_000;
/** Deadline of a call: a server that accepts connections and never answers must not delay a stop or the next try. */
const ANSWER_WITHIN_MS = 10_000;
/** Whether this worker serves a cluster. */
export interface ClusterState {
  /** Its Workers take work. */
  readonly ready: boolean;
  /** Why not. */
  readonly reason?: string;
  /** A fault that an operator has to mend although the Workers run, such as a paused sweep. */
  readonly warning?: string;
}

export interface ServeClusterOptions {
  readonly cluster: ClusterConfig;
  readonly config: WorkerConfig;
  readonly log: Logger;
  /** To which the cluster has to belong, as the database has it; undefined: it was made before there were any. */
  readonly installation: string | undefined;
  /** The parts of which the Workers are made. */
  readonly parts: WorkerParts;
  /** Told of each change. */
  readonly onState: (state: ClusterState) => void;
  /** Aborted = stop, finishing the tasks in flight. */
  readonly signal: AbortSignal;
  /**
   * Milliseconds from the start in which a cluster of another name ends the process: that is a mistake in the configuration, and the
   * operator still watches. Default 60,000.
   */
  readonly startingMs?: number;
}

/**
 * Keeps the Workers of one cluster running: waits for a server that is not up yet, makes namespace and search attributes, and starts the
 * Workers again when one has ended. Resolves once stopped.
 *
 * @throws WrongCluster while it starts; a cluster that becomes another one later is not served until its name is right again
 */
export async function serveCluster(options: ServeClusterOptions): Promise<void> {
  const { cluster, log, onState, signal, startingMs = 60_000 } = options;
  const startedAt = performance.now();
  for (let waitingFor: unknown; !signal.aborted;) {
    try {
      await serveOnce(options);
      waitingFor = undefined;
    } catch (error) {
      const isWrong = error instanceof WrongCluster;
      if (isWrong && performance.now() - startedAt < startingMs) throw error;
      const reason = explain(error, cluster);
      onState({ ready: false, reason });
      const kind = isWrong ? WrongCluster : Error;
      if (waitingFor !== kind) {
        const names = { cluster: cluster.name, address: cluster.address, reason };
        if (isWrong) log.error(names, 'not serving this cluster');
        else log.warn(names, 'waiting for the cluster');
      }
      waitingFor = kind;
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
}

/** From connecting until the stop, or until a Worker ends. */
async function serveOnce(options: ServeClusterOptions): Promise<void> {
  const { cluster, config, log, parts, onState, signal, installation } = options;
  const apiKey = apiKeyOf(toClusterOptions(cluster));
  const connection = await connect({ ...cluster.connection, ...(apiKey && { apiKey: apiKey() }) }, signal);
  try {
    await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      ensureCluster(connection, { ...cluster, installation }, config),
    );
    const release = await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      findRelease(connection, cluster, config, log),
    );
    const workers = await createWorkers(connection, cluster.namespace, config, parts, release);
    const stop = new AbortController(); // ends the wait below when a Worker fails by itself
    const runs = workers.map(async (worker) => await worker.run().finally(() => stop.abort()));
    log.info(
      { cluster: cluster.name, queues: workers.map(({ options: { taskQueue } }) => taskQueue) },
      'serving the cluster',
    );
    const ending = AbortSignal.any([signal, stop.signal]);
    const watching = watchCluster(connection, options, { release, apiKey, ending }).finally(() => stop.abort());
    const ended = Promise.allSettled([watching, ...runs]); // handled from the start, so that no rejection is unhandled
    if (!ending.aborted) await once(ending, 'abort');
    const reason = signal.aborted ? 'stopping' : 'the cluster does not do';
    onState({ ready: false, reason });
    log.info({ cluster: cluster.name, reason }, 'taking no more work');
    stop.abort();
    shutDown(workers);
    const failed = (await ended).find((run) => run.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    await connection.close().catch(() => {});
  }
}

interface Watched {
  readonly release: string | undefined;
  readonly apiKey: (() => string) | undefined;
  readonly ending: AbortSignal;
}

/**
 * Asks the cluster every few seconds, until `ending`. The Workers themselves wait for a server that is gone. A server that comes back may
 * have lost namespace and search attributes: then they are made again. An API key that was renewed is taken first.
 */
async function watchCluster(
  connection: NativeConnection,
  { cluster, config, log, onState, installation }: ServeClusterOptions,
  { release, apiKey, ending }: Watched,
): Promise<void> {
  const say = (state: ClusterState): void => void (ending.aborted || onState(state));
  const onWait = (reason: string): void => say({ ready: false, reason });
  const renew = async (): Promise<void> => void (apiKey && (await connection.setApiKey(apiKey())));
  const becomeReady = async (): Promise<void> => {
    if (release !== undefined)
      await makeFirstCurrent(connection, { ...cluster, release }, { signal: ending, renew, onWait });
    say({ ready: true });
  };
  await becomeReady();
  const bounded = <T>(call: () => Promise<T>) => connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, call);
  const named = { ...cluster, installation };
  for (let answering = true; ;) {
    await delay(PROBE_EVERY_MS, undefined, { signal: ending }).catch(() => {});
    if (ending.aborted) return;
    try {
      await renew();
      const complete = await bounded(() => isComplete(connection, named));
      if (answering && complete) continue;
      if (!complete)
        log.warn(
          { cluster: cluster.name },
          'the cluster has no namespace or search attributes any more; making them again',
        );
      await bounded(() => ensureCluster(connection, named, config));
      answering = true;
      log.info({ cluster: cluster.name }, 'the cluster answers again');
      await becomeReady();
    } catch (error) {
      if (error instanceof WrongCluster) throw error;
      const reason = explain(error, cluster);
      if (answering) log.warn({ cluster: cluster.name, reason }, 'the cluster does not answer');
      answering = false;
      say({ ready: false, reason });
    }
  }
}

/** Connecting has no deadline of its own; a connection that comes too late is closed. */
async function connect(options: NativeConnectionOptions, signal: AbortSignal): Promise<NativeConnection> {
  const connecting = NativeConnection.connect(options);
  const ending = new AbortController();
  const end = (): void => ending.abort();
  signal.addEventListener('abort', end); // AbortSignal.any would leak memory with each try
  const tooLate = delay(ANSWER_WITHIN_MS, undefined, { signal: ending.signal }).catch(() => {});
  try {
    const connection = await Promise.race([connecting, tooLate]);
    if (connection !== undefined) return connection;
  } finally {
    end();
    signal.removeEventListener('abort', end);
  }
  connecting.then((late) => late.close()).catch(() => {});
  throw new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`);
}

/** The error, and where the cluster does not let this worker in, the right that its token lacks. */
function explain(error: unknown, cluster: ClusterConfig): string {
  if (!isNotPermitted(error)) return String(error);
  const token = explainToken(apiKeyOf(toClusterOptions(cluster))?.(), cluster.namespace);
  return `${wordsOf(error)} ${token} \`ops doctor\` prints commands for the names that a worker may not make.`;
}

function shutDown(workers: readonly Worker[]): void {
  for (const worker of workers) {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  }
}
