import { once } from 'node:events';
import { pino, type Logger } from 'pino';
import { InFlight } from '../activities/connections/in-flight';
import { Slots } from '../activities/connections/slots';
import { createConsumers, policyOf } from '../activities/consumers';
import { closeConsumers, type Consumer } from '../activities/consumer';
import { createActivities, createDeliveries, type ActivityDeps } from '../activities/create-activities';
import { retryDelayMs } from '../activities/deliver/delivery-policy';
import { FirstAttempts } from '../activities/deliver/first-attempts';
import { LateAnswers } from '../activities/deliver/late-answers';
import { createRemoveOldFiles } from '../activities/maintenance/remove-old-files';
import { openIdHashes } from '../activities/record/id-hashes';
import { atMost } from '../client/at-most';
import { openLargeEventStore } from '../client/large-events';
import { readPayloadKeys } from '../client/payload-keys';
import { createDatabase } from '../db/database';
import { effects } from '../db/effects';
import { createPool } from '../db/pool';
import { onPool } from '../db/tx';
import { createRuns } from './cluster-runs';
import { readClusters } from './clusters';
import { readList, readPolicies, readSecretBox, type WorkerConfig } from './config';
import { findWorkflowBundle, FORCE_AFTER_MS, mostTriedAtOnce, type WorkerParts } from './create-workers';
import { DatabaseGate } from './database-gate';
import { createForeignWarning } from './foreign-warning';
import { startHealthServer, type Readiness } from './health-server';
import { openKnownClusters } from './known-clusters';
import { learnInstallation, type Installation } from './learn-installation';
import { createMetrics } from './metrics';
import { reportReach } from './report-reach';
import { installRuntime } from './runtime';
import { sendNotices } from './send-notices';
import { serveCluster, type ClusterState } from './serve-cluster';
import type { Tracing } from './start-tracing';
import type { SweepStanding } from './sweep-schedule';
import { watchSweep } from './watch-sweep';

export interface RunningWorker {
  /** Of /healthz, /readyz and /metrics. */
  readonly port: number;
  /** The id of the installation, as the database has it; undefined: not known yet. */
  installation(): string | undefined;
  /** Resolves when it takes work for the first time, from any cluster. */
  readonly ready: Promise<void>;
  /** Whether the database answers, and whether each cluster is served. */
  readiness(): Readiness;
  /** Rejects when the worker cannot go on (WrongCluster); resolves after stop. */
  readonly done: Promise<void>;
  /** Takes no more work, finishes activities in flight or hands them back. */
  stop(): Promise<void>;
}

export interface StartWorkerOptions {
  readonly log?: Logger;
  /** Undefined: no traces. It is closed when the worker stops. */
  readonly tracing?: Tracing | undefined;
  /** Instead of the registry's, for tests. */
  readonly consumers?: Readonly<Record<string, Consumer>>;
}

const NO_DATABASE = 'the database does not answer';
const NOT_TOLD = 'the database has not told yet to which installation it belongs; has `migrate` run?';

/**
 * The composition root: builds everything from the configuration and keeps it running. Servers that are not up yet are
 * waited for.
 *
 * @throws when the port for health and metrics is taken, or LARGE_EVENTS_DIR cannot be used
 */
export async function startWorker(config: WorkerConfig, options: StartWorkerOptions = {}): Promise<RunningWorker> {
  const log = options.log ?? pino({ level: config.LOG_LEVEL });
  const { tracing } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const sdkMetricsUrl = await installRuntime(log);
  const largeEvents = config.LARGE_EVENTS_DIR === undefined ? undefined : openLargeEventStore(config.LARGE_EVENTS_DIR);
  await largeEvents?.prepare();
  const pool = createPool(config.DATABASE_URL, { max: config.DATABASE_POOL_SIZE, forLookUps: true });
  const db = createDatabase(pool, { overdueAfterSeconds: config.OVERDUE_AFTER_SECONDS });
  // A pool of its own, so that a busy pool does not look like a database that is gone.
  const probe = createPool(config.DATABASE_URL, { max: 1, statementTimeoutMs: 2_000 });
  const gate = new DatabaseGate(() => tell());
  const secretBox = readSecretBox(config);
  const idHashes = openIdHashes(db, secretBox);
  const inFlight = new InFlight();
  const lateAnswers = new LateAnswers();
  const policies = readPolicies(config);
  const metrics = createMetrics({
    readEnds: () => db.readFirstEnds(),
    readSlots: () => gate.free,
    readGauges: () => db.readGauges(),
  });
  const network = { allowedAddresses: readList(config.ALLOWED_ADDRESSES), dnsServers: readList(config.DNS_SERVERS) };
  const consumers = options.consumers ?? (await createConsumers({ effects, ...network, variables: config }));
  const modes = Object.fromEntries(Object.keys(consumers).map((name) => [name, policyOf(name).mode]));
  const workflowBundle = await findWorkflowBundle(config.WORKFLOW_BUNDLE);
  const clusters = readClusters(config);
  const known = openKnownClusters(clusters, config.TAKEOVER_AFTER_SECONDS * 1000);
  const warnOfForeign = createForeignWarning(log);
  const removeOldFiles = largeEvents && createRemoveOldFiles(largeEvents, config.TEMPORAL_RETENTION_HOURS);
  const states = new Map<string, ClusterState>();
  const warnings = new Map<string, string | undefined>();
  for (const { name } of clusters) {
    states.set(name, { ready: false, reason: NOT_TOLD });
    metrics.beginWith(name);
  }
  const stateOf = (name: string, own: ClusterState): ClusterState => {
    const warning = warnings.get(name);
    if (gate.isOpen) return warning === undefined ? own : { ...own, warning };
    return { ready: false, reason: own.ready ? NO_DATABASE : `${NO_DATABASE}; the cluster: ${own.reason}` };
  };
  const readiness = (): Readiness => {
    const found = [...states].map(([name, own]) => [name, stateOf(name, own)] as const);
    const ready = found.some(([, one]) => one.ready);
    return { ready, database: gate.isOpen, clusters: Object.fromEntries(found) };
  };
  let setReady = () => {};
  const firstReady = new Promise<void>((resolve) => (setReady = resolve));
  let wasReady = false;
  const tell = (): void => {
    const { ready, clusters: found } = readiness();
    for (const [name, one] of Object.entries(found)) metrics.observeReady(name, one.ready);
    if (ready && !wasReady) log.info('taking work');
    if (!ready && wasReady && !signal.aborted) log.warn({ clusters: found }, 'taking no new work');
    wasReady = ready;
    if (ready) setReady();
  };

  const partsFor = (here: string): WorkerParts => {
    const slots = new Map(Object.keys(consumers).map((name) => [name, new Slots(config.CONSUMER_SLOTS)]));
    const outside = [...slots].filter(([name]) => consumers[name]?.kind === 'external');
    const deps: ActivityDeps = {
      db,
      clusterName: here,
      sweepLimit: config.SWEEP_LIMIT,
      modes,
      inDatabase: Object.fromEntries(
        Object.entries(consumers).flatMap(([name, consumer]) =>
          consumer.kind === 'inDatabase' && modes[name] === 'local' ? [[name, consumer]] : [],
        ),
      ),
      retryDelayMs: (consumer, tries) => retryDelayMs(policies(consumer), tries),
      secretBox,
      idHashes,
      consumers,
      inFlight,
      lateAnswers,
      slots,
      firstAttempts: new FirstAttempts(mostTriedAtOnce(config), new Map(outside)),
      runs: createRuns(here, known, (names) => db.findLostClusters(names, config.TAKEOVER_AFTER_SECONDS), {
        release: config.RELEASE,
      }),
      removeOldFiles,
      removeFiles: largeEvents?.removeFiles,
      observe: (attempt) => {
        metrics.observe(attempt);
        log.info({ ...attempt, ...tracing?.ids() }, 'delivery attempted');
      },
      observeRecorded: (counts) => metrics.observeRecorded(here, counts),
      observeSwept: (counts) => metrics.observeSwept(here, counts),
      observeForeign: warnOfForeign,
    };
    return {
      activities: createActivities(deps),
      deliveries: createDeliveries(consumers, deps),
      workflowBundle,
      payloads: { keys: readPayloadKeys(config), store: largeEvents },
      activityInterceptors: tracing?.activityInterceptors,
      slots: (count, taskQueue) => gate.slots(count, `${here} ${taskQueue}`),
    };
  };

  const health = await startHealthServer({
    port: config.WORKER_PORT,
    host: config.WORKER_HOST,
    readiness,
    registry: metrics.registry,
    sdkMetricsUrl,
  });
  const onStanding = (name: string, { state, says }: SweepStanding): void => {
    warnings.set(name, state === 'ok' ? undefined : says);
    metrics.observeSweepSchedule(name, state === 'ok');
  };
  let installation: Installation | undefined;
  const learning = learnInstallation(onPool(probe), log, signal).then((learned) => (installation = learned));
  const watching = Promise.all([
    learning,
    gate.watch(onPool(probe), signal),
    reportReach({
      database: onPool(probe),
      clusters: known,
      takeoverAfterSeconds: config.TAKEOVER_AFTER_SECONDS,
      signal,
    }),
    watchSweep({ clusters: known, config, log, onStanding, signal }),
    secretBox &&
      sendNotices({ database: onPool(probe), secretBox, ...network, policy: policies('webhook'), log, signal }),
  ]);
  const serving = clusters.map(async (cluster) => {
    const learned = await learning;
    if (learned === undefined) return; // stopped before
    const onState = (state: ClusterState): void => {
      states.set(cluster.name, state);
      tell();
    };
    onState({ ready: false, reason: 'starting' });
    const parts = partsFor(cluster.name);
    await serveCluster({ cluster, config, log, parts, installation: learned.id, signal, onState });
  });
  const serveUntilStopped = async (): Promise<void> => {
    try {
      await Promise.race([Promise.all(serving), once(signal, 'abort')]);
    } finally {
      stopping.abort();
      const graceEnds = performance.now() + config.SHUTDOWN_GRACE_SECONDS * 1000;
      const patienceMs = config.SHUTDOWN_GRACE_SECONDS * 1000 + FORCE_AFTER_MS + 1_000;
      if (!(await atMost(patienceMs, Promise.allSettled(serving))))
        log.warn('a cluster does not answer: its activities in flight are left to other workers');
      await watching;
      await atMost(graceEnds - performance.now(), lateAnswers.untilEarlyEnded());
      await atMost(FORCE_AFTER_MS, lateAnswers.close());
      await health.close();
      await Promise.all(known.map((cluster) => cluster.close()));
      await closeConsumers(consumers);
      await Promise.all([pool.end(), probe.end(), tracing?.close()]);
    }
  };
  const done = serveUntilStopped();
  done.catch(() => {}); // a caller that needs the error awaits `done`
  return {
    port: health.port,
    installation: () => installation?.id,
    ready: firstReady,
    readiness,
    done,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}
