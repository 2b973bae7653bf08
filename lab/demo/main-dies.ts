import type { WorkflowClient } from '@temporalio/client';
import { setTimeout as pause } from 'node:timers/promises';
import type { Publisher } from '../../client';
import { readAccountRows } from '../queries/read-account-rows';
import type { Tx } from '../../db/tx';
import type { Temporal } from '../../stack/start-temporal';
import type { Publication } from '../account';
import type { Progress } from '../progress';
import { publishDay } from '../publish-day';
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
  readonly progress: Progress;
  /** The publisher's first cluster. */
  readonly main: Pick<Temporal, 'kill'>;
}

/** Publishes the day, and kills main when half of it is answered. */
export async function publishWhileMainDies({ lines, publisher, progress, main }: DyingOptions): Promise<Publication[]> {
  let answered = 0;
  let killed: { readonly at: number; readonly ended: Promise<void> } | undefined;
  let isTakenOver = false;
  const publications = await publishDay(publisher, lines, (one) => {
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

/** Of the accepted events: those that standby has taken, and those that the database does not know yet. */
export async function eventsApart(db: Tx, publications: readonly Publication[]) {
  const { events, refusedKeys } = await readAccountRows(db);
  const recorded = new Set([...events.map(({ key }) => key), ...refusedKeys]);
  const accepted = publications.filter((one) => one.outcome === 'accepted');
  const unknown = new Set(accepted.filter(({ key }) => !recorded.has(key)).map(({ key }) => key));
  return { ofStandby: accepted.filter(({ acceptedBy }) => acceptedBy === 'standby').map(({ key }) => key), unknown };
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
