import type { WorkflowClient } from '@temporalio/client';
import { setTimeout as pause } from 'node:timers/promises';
import type { Publisher, Receipt } from '../../client';
import { readAccountRows } from '../queries/read-account-rows';
import type { Tx } from '../../db/tx';
import type { Temporal } from '../../stack/start-temporal';
import type { Publication } from '../account';
import type { Progress } from '../progress';
import { publishByHttp, type SidecarAddress } from '../publish-by-http';
import { publishBy, publishDay } from '../publish-day';
import type { DayLine } from '../read-day';

/** A cluster as the demo looks at it. */
export interface DemoCluster {
  readonly name: string;
  readonly client: WorkflowClient;
  /** Frontend, `host:port`. */
  readonly address: string;
  readonly namespace: string;
}

export interface DyingOptions {
  readonly lines: readonly DayLine[];
  readonly publisher: Publisher;
  /** Takes the events of SIDECAR_SITE. Default: none, and the publisher takes those, too. */
  readonly sidecar?: SidecarAddress;
  readonly progress: Progress;
  /** The publisher's first cluster. */
  readonly main: Pick<Temporal, 'kill'>;
}

/** Its chat server is not written for Node. */
export const SIDECAR_SITE = '30042';

const AGAIN_FOR_MS = 60_000;

const isOfSidecar = ({ data }: DayLine): boolean => data.includes(`"SiteId":${SIDECAR_SITE},`);

/** Publishes the day, and kills main when half of it is answered. */
export async function publishWhileMainDies(options: DyingOptions): Promise<Publication[]> {
  const { lines, publisher, sidecar, progress, main } = options;
  const byPublisher = publishBy(publisher);
  const publish = (line: DayLine): Promise<Receipt> =>
    sidecar !== undefined && isOfSidecar(line) ? publishByHttp(sidecar, line, AGAIN_FOR_MS) : byPublisher(line);
  let answered = 0;
  let killed: { readonly at: number; readonly ended: Promise<void> } | undefined;
  let isTakenOver = false;
  const publications = await publishDay(publish, lines, (one) => {
    answered += 1;
    progress.show(`     ${answered} of ${lines.length} published`);
    if (killed === undefined && answered >= lines.length / 2) {
      killed = { at: performance.now(), ended: main.kill() };
      progress.say(`     After ${answered} main is killed: kill -9, in the middle of its work. Publishing goes on.`);
    } else if (killed !== undefined && !isTakenOver && one.outcome === 'accepted' && one.acceptedBy === 'standby') {
      isTakenOver = true;
      progress.say(`     Standby has the first event ${Math.round(performance.now() - killed.at)} ms later.`);
    }
  });
  await killed?.ended;
  return publications;
}

/** Of the accepted events: those that each cluster has taken, and those that the database does not know yet. */
export async function eventsApart(db: Tx, publications: readonly Publication[]) {
  const { events, refusedKeys } = await readAccountRows(db);
  const recorded = new Set([...events.map(({ key }) => key), ...refusedKeys]);
  const accepted = publications.filter((one) => one.outcome === 'accepted');
  const unknown = new Set(accepted.filter(({ key }) => !recorded.has(key)).map(({ key }) => key));
  const of = (cluster: string) => accepted.filter(({ acceptedBy }) => acceptedBy === cluster).map(({ key }) => key);
  return { ofMain: of('main'), ofStandby: of('standby'), unknown };
}

/** How often lists of workflows are asked for, and for how long: they lag behind by a second or so. */
const LOOK_EVERY_MS = 500;
const CLOSED_WITHIN_MS = 30_000;

/** Waits until no event's workflow is open. @returns those that are still open, in words */
export async function openWorkflows(clusters: readonly DemoCluster[]): Promise<string[]> {
  const query = 'WorkflowType = "processChatEvent" AND ExecutionStatus = "Running"';
  for (const end = performance.now() + CLOSED_WITHIN_MS; ; await pause(LOOK_EVERY_MS)) {
    const counts = await Promise.all(clusters.map(async ({ client }) => (await client.count(query)).count));
    const open = clusters.flatMap(({ name }, i) =>
      counts[i] ? [`${counts[i]} workflows are still open on ${name}`] : [],
    );
    if (open.length === 0 || performance.now() > end) return open;
  }
}
