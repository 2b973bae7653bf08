import { randomUUID } from 'node:crypto';
import { Connection, ScheduleClient, WorkflowClient } from '@temporalio/client';
import { INSTALLATION, RECORDED_EVENTS_TYPE, TASK_QUEUE } from '../../protocol/constants';
import { apiKeyOf } from '../../client/api-key';
import { explainToken, lifeOfToken } from '../../client/explain-token';
import { GRPC, grpcCodeOf, isNotPermitted, wordsOf } from '../../client/grpc-code';
import { connectionOptionsOf } from '../../client/open-cluster';
import { EVENT_TYPE, PARKED_QUEUES, SITE_ID } from '../../protocol/search-attributes';
import { CLUSTER_NAME, toClusterOptions, type ClusterConfig } from '../../workers/clusters';
import type { WorkerConfig } from '../../workers/config';
import { inspectSweepSchedule } from '../../workers/sweep-schedule';
import { checkRelease } from './check-release';
import { countWorkers } from '../count-workers';
import { clockFinding, type Finding } from './finding';
import { createRemedies } from './remedies';

const ANSWER_WITHIN_MS = 5_000;
const TRIAL_TIMEOUT_MS = 10_000;
/** Publishers rely on this size: larger inputs go to LARGE_EVENTS_DIR, or are refused. */
const INPUT_BYTES = 2 * 1024 * 1024;
const ATTRIBUTES = [SITE_ID, EVENT_TYPE, PARKED_QUEUES];
type CheckedConfig = Pick<WorkerConfig, 'TEMPORAL_RETENTION_HOURS' | 'SWEEP_EVERY_SECONDS' | 'RELEASE'>;
const LOOPBACK = /^(127\.|localhost|\[::1\])/;

/**
 * Checks one cluster. It makes one workflow, which ends at once: that shows the right to start workflows, and the cluster's clock.
 * A cluster that is silent or refuses gives one failed line after some seconds.
 *
 * @param config TEMPORAL_RETENTION_HOURS and RELEASE are checked
 * @param prefix of the variables that describe it: TEMPORAL_ or TEMPORAL_STANDBY_
 * @param installation its id as the database has it; undefined: the database does not tell
 */
export async function checkCluster(
  cluster: ClusterConfig,
  config: CheckedConfig,
  prefix: string,
  installation: Promise<string | undefined>,
): Promise<Finding[]> {
  const where = toClusterOptions(cluster);
  const { tls } = where;
  const apiKey = apiKeyOf(where);
  const connection = Connection.lazy({ ...connectionOptionsOf(where), interceptors: [] });
  const remedies = createRemedies(cluster, prefix);
  const line = (check: string) => ({ of: cluster.name, check });
  const ask = <T>(call: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, call);
  const { workflowService, operatorService } = connection;
  const { namespace } = cluster;
  const { TEMPORAL_RETENTION_HOURS: retentionHours, RELEASE: release } = config;

  /** A check without an answer gives one line of its own, and the others go on. */
  async function check(name: string, look: () => Promise<Finding | Finding[]>): Promise<Finding[]> {
    try {
      return [await look()].flat();
    } catch (error) {
      const isUnknown = grpcCodeOf(error) === GRPC.NOT_FOUND;
      const remedy = isUnknown ? remedies.namespace : remedies.permission;
      const known = isUnknown || isNotPermitted(error);
      return [{ ...line(name), state: 'fail', found: explain(error), ...(known && { remedy }) }];
    }
  }

  async function checkReachable(): Promise<Finding> {
    const { serverVersion } = await ask(() => workflowService.getSystemInfo({}));
    const isSecure = tls ?? apiKey !== undefined;
    const found = `Temporal ${serverVersion} at ${cluster.address}, ${isSecure ? 'by' : 'without'} TLS${apiKey ? ' with an API key' : ''}`;
    if (isSecure || LOOPBACK.test(cluster.address)) return { ...line('reachable'), state: 'ok', found };
    return { ...line('reachable'), state: 'warn', found, remedy: remedies.tls };
  }

  async function checkNamespace(): Promise<Finding[]> {
    const { namespaceInfo, config: settings } = await ask(() => workflowService.describeNamespace({ namespace }));
    const name = namespaceInfo?.data?.[CLUSTER_NAME];
    const hours = Number(settings?.workflowExecutionRetentionTtl?.seconds ?? 0) / 3600;
    const bytes = Number(namespaceInfo?.limits?.blobSizeLimitError ?? INPUT_BYTES);
    const named = line('cluster name');
    const found = namespaceInfo?.data?.[INSTALLATION];
    const retention = { ...line('retention'), found: `${hours} h` };
    const limits = {
      ...line('limits'),
      found: `${bytes} bytes per input; limits of calls cannot be read from a server`,
    };
    return [
      { ...line('namespace'), state: 'ok', found: namespace },
      name === cluster.name
        ? { ...named, state: 'ok', found: name }
        : name
          ? { ...named, state: 'fail', found: `it is "${name}", and not "${cluster.name}"`, remedy: remedies.otherName }
          : { ...named, state: 'warn', found: 'not recorded yet', remedy: remedies.name },
      checkInstallation(found, await installation),
      hours === retentionHours
        ? { ...retention, state: 'ok' }
        : { ...retention, state: 'warn', remedy: remedies.retention(retentionHours) },
      bytes >= INPUT_BYTES
        ? { ...limits, state: 'ok' }
        : { ...limits, state: 'fail', remedy: remedies.blobSize(INPUT_BYTES) },
    ];
  }

  function checkInstallation(found: string | null | undefined, own: string | undefined): Finding {
    const belongs = line('installation');
    if (!found) {
      const remedy = remedies.installation(own ?? 'ID');
      return {
        ...belongs,
        state: own === undefined ? 'ok' : 'warn',
        found: 'not recorded yet',
        ...(own && { remedy }),
      };
    }
    if (own === undefined || own === found) return { ...belongs, state: 'ok', found };
    return { ...belongs, state: 'fail', found: `${found}, and not ${own}`, remedy: remedies.otherInstallation(own) };
  }

  function checkToken(): Finding[] {
    const life = apiKey && lifeOfToken(apiKey());
    if (!life) return [];
    const found = `of "${life.of}", until ${life.until}`;
    return life.endsSoon
      ? [{ ...line('token'), state: 'warn', found, remedy: remedies.token }]
      : [{ ...line('token'), state: 'ok', found }];
  }

  async function checkSearchAttributes(): Promise<Finding> {
    const { customAttributes } = await ask(() => operatorService.listSearchAttributes({ namespace }));
    const missing = ATTRIBUTES.filter(({ name }) => !(name in customAttributes));
    const names = (some: typeof ATTRIBUTES) => some.map(({ name }) => name).join(', ');
    if (missing.length === 0) return { ...line('search attributes'), state: 'ok', found: names(ATTRIBUTES) };
    const remedy = remedies.searchAttributes(missing);
    return { ...line('search attributes'), state: 'fail', found: `missing: ${names(missing)}`, remedy };
  }

  async function checkStart(): Promise<Finding[]> {
    const client = new WorkflowClient({ connection, namespace });
    const before = Date.now();
    const handle = await ask(() =>
      client.start(RECORDED_EVENTS_TYPE, {
        taskQueue: TASK_QUEUE,
        workflowId: `doctor/${randomUUID()}`,
        args: [[]],
        staticSummary: 'Made by `ops doctor`: may it start workflows, and which time has the server?',
        workflowExecutionTimeout: TRIAL_TIMEOUT_MS,
      }),
    );
    const here = (before + Date.now()) / 2;
    const { startTime } = await ask(() => handle.describe());
    return [
      { ...line('permission to start'), state: 'ok', found: 'a workflow was started' },
      clockFinding(cluster.name, startTime.getTime() - here),
    ];
  }

  async function checkWorkers(): Promise<Finding> {
    const count = await ask(() => countWorkers(connection, namespace));
    if (count > 0) return { ...line('workers'), state: 'ok', found: `${count} in the last minutes` };
    return { ...line('workers'), state: 'warn', found: 'none takes work', remedy: remedies.worker };
  }

  async function checkSweep(): Promise<Finding> {
    const { state, says } = await ask(() =>
      inspectSweepSchedule(new ScheduleClient({ connection, namespace }), config),
    );
    if (state === 'ok') return { ...line('sweep'), state: 'ok', found: says };
    return { ...line('sweep'), state: 'warn', found: says, remedy: remedies.sweep[state] };
  }

  try {
    const reachable = await checkReachable();
    const known = await check('namespace', checkNamespace);
    const checkVersioning = () => ask(() => checkRelease(connection, cluster, release));
    const rest = [checkSearchAttributes, checkStart, checkWorkers, checkSweep, checkVersioning];
    if (known[0]?.state !== 'ok') return [reachable, ...known];
    const names = ['search attributes', 'permission to start', 'workers', 'sweep', 'worker versioning'];
    return [
      reachable,
      ...known,
      ...checkToken(),
      ...(await Promise.all(rest.map((look, i) => check(names[i] ?? '', look)))).flat(),
    ];
  } catch (error) {
    const remedy = isNotPermitted(error) ? remedies.credentials : remedies.start;
    return [{ ...line('reachable'), state: 'fail', found: `${cluster.address}: ${explain(error)}`, remedy }];
  } finally {
    await connection.close();
  }

  function explain(error: unknown): string {
    if (grpcCodeOf(error) === undefined) return wordsOf(error);
    if (grpcCodeOf(error) === GRPC.NOT_FOUND) return `there is no namespace ${namespace}`;
    const [said = ''] = wordsOf(error).split(/\s*Resolution note:/); // gRPC's, mostly empty
    const clear = said.replace(/\s+/g, ' ').replace(/^No connection established\. Last error: /, '');
    return isNotPermitted(error) ? `${clear} ${explainToken(apiKey?.(), namespace)}` : clear;
  }
}
