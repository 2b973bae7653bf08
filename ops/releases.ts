import { InvalidArgumentError, type Command } from 'commander';
import {
  findNoVersioning,
  makeCurrent,
  ramp,
  readWorkerReleases,
  type WorkerRelease,
  type WorkerReleases,
} from '../client/worker-releases';
import { wordsOf } from '../client/grpc-code';
import type { Ops, OpsCluster } from './open-ops';
import { CommandFailure, printDone, printList, type Column, type JsonOption } from './output';

/** The word for workers without RELEASE. */
const NONE = 'none';

/** `ops releases ...`: which release of the workers has the tasks, on each cluster. */
export function addReleaseCommands(releases: Command, ops: Ops): void {
  releases
    .command('list')
    .description('the releases that each cluster knows, and which one has the tasks')
    .option('--json', 'as JSON')
    .action(async ({ json }: JsonOption) => {
      const clusters = await ops.clusters();
      const answers = await Promise.allSettled(clusters.map((cluster) => cluster.ask(() => listed(cluster))));
      const rows = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      printList(rows, COLUMNS, { json, empty: 'No cluster answers.' });
      throwFailed(clusters, answers, 'The others are listed.');
    });

  releases
    .command('current')
    .description('give all tasks to a release; on each cluster')
    .argument('<release>', `its RELEASE; "${NONE}": workers without one`)
    .option('--json', 'as JSON')
    .action(async (release: string, options: JsonOption) => {
      const wanted = release === NONE ? null : release;
      await onEach(ops, { ...options, done: `${release} is current` }, (cluster) =>
        makeCurrent(cluster.connection, cluster.namespace, wanted),
      );
    });

  releases
    .command('ramp')
    .description('give a share of the runs to a release; on each cluster')
    .argument('<release>', 'its RELEASE')
    .argument('<percent>', 'from 0 (none: the ramp ends) to 100', readPercent)
    .option('--json', 'as JSON')
    .action(async (release: string, percent: number, options: JsonOption) => {
      await onEach(ops, { ...options, done: `${release} has ${percent} % of the runs` }, (cluster) =>
        ramp(cluster.connection, cluster.namespace, { release, percent }),
      );
    });

  releases
    .command('rollback')
    .description(
      'go back to a release at once: it gets all tasks, a ramp ends; on each cluster, and a repeat changes nothing',
    )
    .argument(
      '[release]',
      `its RELEASE; "${NONE}": workers without one; left out: only says which one was current before`,
    )
    .option('--json', 'as JSON')
    .action(async (release: string | undefined, options: JsonOption) => {
      if (release === undefined) throw new CommandFailure(await proposeRollback(ops));
      await onEach(ops, { ...options, done: `${release} has all tasks` }, (cluster) => rollBack(cluster, release));
    });
}

/** By name: "the one before" would be another release when the command is repeated, or on a cluster that was away. */
async function rollBack({ connection, namespace }: OpsCluster, release: string): Promise<void> {
  const wanted = release === NONE ? null : release;
  const known = await readWorkerReleases(connection, namespace);
  const ramping = known?.releases.find(({ state }) => state === 'ramping');
  if (ramping && ramping.release !== release)
    await ramp(connection, namespace, { release: ramping.release, percent: 0 });
  if (known?.current === wanted) return;
  await makeCurrent(connection, namespace, wanted, true); // in haste: whether all its workers poll is not waited for
}

/** Names the release that a rollback could go back to, by cluster. */
async function proposeRollback(ops: Ops): Promise<string> {
  const clusters = await ops.clusters();
  const propose = async ({ name, connection, namespace }: OpsCluster): Promise<string> => {
    const known = await readWorkerReleases(connection, namespace);
    const current = known?.current ?? NONE;
    const ramping = known?.releases.find(({ state }) => state === 'ramping');
    if (ramping) return `${name}: ${ramping.release} is ramping; "releases rollback ${current}" ends that.`;
    const previous = known && findPrevious(known);
    if (previous === undefined) return `${name}: ${current} is current, and no other release was.`;
    return `${name}: ${current} is current; before it, ${previous.release} was: "releases rollback ${previous.release}".`;
  };
  const answers = await Promise.allSettled(clusters.map((cluster) => cluster.ask(() => propose(cluster))));
  const lines = answers.map((answer, i) =>
    answer.status === 'fulfilled' ? answer.value : `${clusters[i]?.name}: ${wordsOf(answer.reason)}`,
  );
  return [...lines, 'Nothing is changed. Name the release to go back to, the same for both clusters.'].join('\n');
}

const findPrevious = ({ current, releases }: WorkerReleases): WorkerRelease | undefined =>
  releases
    .filter(({ release, lastCurrent }) => release !== current && lastCurrent !== null)
    .toSorted((a, b) => (b.lastCurrent ?? '').localeCompare(a.lastCurrent ?? ''))[0];

interface Listed extends WorkerRelease {
  readonly cluster: string;
}

async function listed({ name: cluster, connection, namespace }: OpsCluster): Promise<Listed[]> {
  const noVersioning = await findNoVersioning(connection, namespace);
  const known = noVersioning === undefined ? await readWorkerReleases(connection, namespace) : undefined;
  const rows = (known?.releases ?? []).map((release) => ({ cluster, ...release }));
  if (known && known.current !== null) return rows;
  const rest = 100 - rows.reduce((sum, { percent }) => sum + percent, 0);
  return [{ cluster, release: NONE, state: 'current', percent: rest, lastCurrent: null }, ...rows];
}

const COLUMNS: readonly Column<Listed>[] = [
  { title: 'CLUSTER', of: ({ cluster }) => cluster },
  { title: 'RELEASE', of: ({ release }) => release },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'PERCENT', of: ({ percent }) => percent },
  { title: 'LAST CURRENT', of: ({ lastCurrent }) => lastCurrent },
];

async function onEach(
  ops: Ops,
  options: JsonOption & { readonly done: string },
  change: (cluster: OpsCluster) => Promise<void>,
): Promise<void> {
  const { done } = options;
  const clusters = await ops.clusters();
  const without: string[] = [];
  const changed: string[] = [];
  const changeOne = async (cluster: OpsCluster): Promise<void> => {
    const reason = await findNoVersioning(cluster.connection, cluster.namespace);
    if (reason === undefined) await change(cluster);
    (reason === undefined ? changed : without).push(cluster.name);
  };
  const outcomes = await Promise.allSettled(clusters.map((cluster) => cluster.ask(() => changeOne(cluster))));
  if (without.length === clusters.length) throw new CommandFailure('No cluster has Worker Versioning; see "doctor".');
  if (changed.length > 0) printDone(`On ${changed.join(' and ')}: ${done}.`, { clusters: changed, done }, options);
  throwFailed(clusters, outcomes, 'Repeat the command when it answers; a repeat changes nothing where it is done.');
}

function throwFailed(
  clusters: readonly OpsCluster[],
  outcomes: readonly PromiseSettledResult<unknown>[],
  then: string,
): void {
  const failed = outcomes.flatMap((outcome, i) =>
    outcome.status === 'rejected' ? [`${clusters[i]?.name}: ${wordsOf(outcome.reason)}`] : [],
  );
  if (failed.length > 0) throw new CommandFailure(`${failed.join('\n')}\n${then}`);
}

function readPercent(text: string): number {
  const percent = Number(text);
  if (text === '' || !(percent >= 0 && percent <= 100))
    throw new InvalidArgumentError('expected a number from 0 to 100.');
  return percent;
}
