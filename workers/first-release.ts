import type { NativeConnection } from '@temporalio/worker';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { findNoVersioning, makeCurrent, readWorkerReleases } from '../client/worker-releases';
import type { ClusterConfig } from './clusters';
import type { WorkerConfig } from './config';

const ASK_EVERY_MS = 500;
const ANSWER_WITHIN_MS = 10_000;

/**
 * The release as which the Workers poll.
 *
 * @returns undefined: RELEASE is not set, or the cluster has no Worker Versioning; then they take the tasks of every release
 * @throws the server's error, when it does not answer
 */
export async function findRelease(
  connection: NativeConnection,
  { name: cluster, namespace }: ClusterConfig,
  { RELEASE }: Pick<WorkerConfig, 'RELEASE'>,
  log: Logger,
): Promise<string | undefined> {
  if (RELEASE === undefined) return undefined;
  const reason = await findNoVersioning(connection, namespace);
  if (reason === undefined) return RELEASE;
  log.warn(
    { cluster, release: RELEASE, reason },
    'no Worker Versioning in this cluster: the release is not used there',
  );
  return undefined;
}

interface Waiting {
  readonly signal: AbortSignal;
  readonly renew: () => Promise<void>;
  readonly onWait: (reason: string) => void;
}

/**
 * Makes the very first release of a cluster its current one: until then its tasks go to workers without a release. Which one is current later
 * is the operator's decision. Resolves when there is a current one, or `signal` is aborted.
 *
 * @param waiting its `renew` is called before each question, its `onWait` is told why there is none yet
 */
export async function makeFirstCurrent(
  connection: NativeConnection,
  { namespace, release }: { readonly namespace: string; readonly release: string },
  { signal, renew, onWait }: Waiting,
): Promise<void> {
  const bounded = <T>(call: () => Promise<T>) => connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, call);
  while (!signal.aborted) {
    try {
      await renew();
      const known = await bounded(() => readWorkerReleases(connection, namespace));
      if (known && wasSet(known)) return;
      if (known) return await bounded(() => makeCurrent(connection, namespace, release));
      onWait(`the cluster has not seen the release ${release} yet`);
    } catch (error) {
      onWait(`the release ${release} is not current: ${String(error)}`);
    }
    await delay(ASK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Whether an operator or an earlier worker has decided. */
const wasSet = ({ current, releases }: NonNullable<Awaited<ReturnType<typeof readWorkerReleases>>>): boolean =>
  current !== null || releases.some(({ lastCurrent, state }) => lastCurrent !== null || state === 'ramping');
