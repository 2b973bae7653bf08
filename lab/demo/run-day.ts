import type { Publisher } from '../../client';
import { breakTables, mendConnections, mendTables } from '../queries/break-tables';
import type { DeliveryCounts } from '../queries/counts';
import { readAccountRows } from '../queries/read-account-rows';
import type { Tx } from '../../db/tx';
import type { Temporal } from '../../stack/start-temporal';
import { acceptedEvents, type Account, type Publication } from '../account';
import type { Destinations } from '../destinations';
import { eventsApart, openWorkflows, publishWhileMainDies, SIDECAR_SITE, type DemoCluster } from './main-dies';
import type { Progress } from '../progress';
import type { SidecarAddress } from '../publish-by-http';
import type { DayLine } from '../read-day';
import { redriveCommand, redriveParked } from './redrive-parked';
import { settle } from '../settle';
import { GONE, siteTroubles } from './site-troubles';
import { loseEffects, takeAccount } from '../take-account';

export interface DayOptions {
  readonly lines: readonly DayLine[];
  readonly publisher: Publisher;
  /** As publishWhileMainDies takes it. */
  readonly sidecar?: SidecarAddress;
  /** Main, and standby. */
  readonly clusters: readonly [DemoCluster, DemoCluster];
  /** The server of main, which dies and comes back. */
  readonly main: Pick<Temporal, 'kill' | 'restart'>;
  /** An empty database that the worker works on. */
  readonly db: Tx;
  readonly progress: Progress;
  readonly destinations: Destinations;
  /** Effects to remove before the account. Default 0. */
  readonly lose?: number;
  /** Gives up when nothing moved for so long, in milliseconds. Default 60,000. */
  readonly stalledAfterMs?: number;
}

export interface Day {
  readonly account: Account;
  readonly publications: readonly Publication[];
  /** False: something was still on its way when nothing moved any more. */
  readonly settled: boolean;
}

/** Publishes a day into a stack with faults, waits, does the operator's part, and takes the account. */
export async function runDay(options: DayOptions): Promise<Day> {
  const { db, lines, progress, destinations, lose = 0 } = options;
  const refusedWrites = 2 * lines.filter(({ type }) => type === 'Conversion.Log').length;
  progress.say('1  Two tables get into trouble first, as tables do:');
  progress.say(`     conversion  refuses the next ${refusedWrites} writes (SQLSTATE 55000: not now)`);
  progress.say('     agent_ban   refuses every write (SQLSTATE 23514: this data never)');
  await breakTables(db, refusedWrites);
  progress.say('   and so do servers of the sites:');
  for (const { siteId, does } of siteTroubles) {
    for (const [i, what] of does.entries()) progress.say(`     ${(i === 0 ? `site ${siteId}` : '').padEnd(12)}${what}`);
  }

  progress.say(
    `2  Publishing ${lines.length} events of three sites, to main first and to standby while main is down, ...`,
  );
  if (options.sidecar)
    progress.say(`   those of site ${SIDECAR_SITE} by HTTP to the sidecar, which has a journal, ...`);
  const publications = await publishWhileMainDies(options);
  const accepted = acceptedEvents(publications).size;
  sayAnswers(progress, publications, accepted);

  const finished = await finishWithoutMain(options, publications);
  progress.say('4  Main is started again, on the data that it had:');
  await options.main.restart();
  const delivered = finished && (await waitFor(options, ({ events, pending }) => events === accepted && pending === 0));
  const redriven = delivered && (await redrive(options));
  const open = await openWorkflows(options.clusters);
  if (open.length === 0) progress.say('     No workflow is open any more, on neither cluster.');
  if (lose > 0) {
    const gone = await loseEffects(db, publications, destinations, lose);
    progress.say(`!  As asked, ${lose} effects are removed behind the product's back; its rows still say delivered:`);
    for (const text of gone) progress.say(`     ${text}`);
  }
  progress.say(`     ${destinations.wireDuplicates()} mails or messages came more than once, each under its one id.`);
  const account = await takeAccount(db, publications, destinations);
  const problems = [...account.problems, ...destinations.problems(), ...open];
  if (destinations.problems().length === 0) sayOnce(progress, destinations);
  return { account: { ...account, problems }, publications, settled: redriven };
}

/** Waits until standby has finished its own events and those that main had begun. */
async function finishWithoutMain(options: DayOptions, publications: readonly Publication[]): Promise<boolean> {
  const { db, progress } = options;
  progress.say(
    '3  ... which the worker records and delivers; main is down, and standby finishes the deliveries that main had begun:',
  );
  let isTaken = false;
  const finished = await waitFor(options, async ({ pending }) => {
    const { ofStandby, unknown } = await eventsApart(db, publications);
    isTaken ||= !ofStandby.some((key) => unknown.has(key));
    return isTaken && pending === 0;
  });
  const { unknown, ofMain } = await eventsApart(db, publications);
  const waiting = ofMain.filter((key) => unknown.has(key)).length;
  const { events, deliveries } = await readAccountRows(db);
  const begun = new Set(events.filter(({ cluster }) => cluster === 'main').map(({ key }) => key));
  const moved = deliveries.filter(({ cluster, eventKey }) => cluster === 'standby' && begun.has(eventKey));
  progress.say(`     ${moved.length} deliveries of events that main had recorded are standby's now.`);
  if (waiting > 0) {
    progress.say(
      `     ${waiting} events that main had only accepted wait on its disk, as this publisher has no journal.`,
    );
  }
  return finished;
}

function sayOnce(progress: Progress, destinations: Destinations): void {
  const [met, there] = [destinations.faultsMet(), destinations.distinct()];
  progress.say(
    `     ${met['zendesk']} requests to Zendesk and ${met['salesforce']} to Salesforce were refused or cut off; the ${there['zendesk']} tickets and`,
  );
  progress.say(`     ${there['salesforce']} cases and tasks there are there once each.`);
}

function sayAnswers(progress: Progress, publications: readonly Publication[], accepted: number): void {
  const refused = publications.filter((one) => one.outcome === 'refused');
  const failed = publications.filter((one) => one.outcome === 'failed');
  const repeats = publications.length - accepted - refused.length - failed.length;
  progress.say(
    `     ${accepted} accepted, ${repeats} are repeats of one of those, ${refused.length} are refused at once, such as`,
  );
  for (const { type, reason } of refused.slice(0, 4)) progress.say(`       ${shorten(`${type}: ${reason}`)}`);
  for (const { type, reason } of failed) progress.say(`     NO ANSWER: ${shorten(`${type}: ${reason}`)}`);
}

async function waitFor(
  { db, progress, stalledAfterMs }: DayOptions,
  isSettled: (counts: DeliveryCounts) => boolean | Promise<boolean>,
): Promise<boolean> {
  const settled = await settle(db, {
    isSettled,
    onCounts: ({ events, delivered, pending, parked }) =>
      progress.show(
        `     ${events} events recorded; deliveries: ${delivered} done, ${pending} under way, ${parked} parked`,
      ),
    ...(stalledAfterMs !== undefined && { stalledAfterMs }),
  });
  const { deliveries } = await readAccountRows(db);
  const count = (state: string): number => deliveries.filter((one) => one.state === state).length;
  progress.say(`     ${count('delivered')} deliveries done, ${count('parked')} parked, ${count('pending')} under way`);
  if (!settled)
    progress.say('     Nothing has moved for a while, and yet it is not finished. The worker log says more.');
  return settled;
}

/** The operator's part: mends the table and sends the parked deliveries again. */
async function redrive(options: DayOptions): Promise<boolean> {
  const { db, progress, clusters } = options;
  const { deliveries } = await readAccountRows(db);
  const stopped = deliveries.filter(({ state }) => state === 'parked');
  const parked = stopped.filter(({ failureType }) => failureType !== 'ConnectionBroken');
  const broken = stopped.filter(({ failureType }) => failureType === 'ConnectionBroken');
  const [first] = parked;
  const conversions = deliveries.filter(({ dataQueue }) => dataQueue === 'Conversion.Log');
  const through = conversions.filter(({ state }) => state === 'delivered').length;
  progress.say(
    `     Conversion.Log: ${through} of ${conversions.length} came through: tried again until the table took them.`,
  );
  if (first === undefined) return true;
  progress.say(`     ${first.dataQueue}: ${parked.length} are parked, as trying again cannot help:`);
  progress.say(`       ${first.failureType}: ${first.failureMessage}`);
  if (broken.length > 0) {
    progress.say(`     webhooks of site ${GONE}: ${broken.length} are parked, as its connection is broken:`);
    progress.say(`       ${broken[0]?.failureType}: ${broken[0]?.failureMessage}`);
  }
  progress.say(
    '5  The operator mends the table and sends the parked deliveries again. On the command line that is, for each cluster:',
  );
  for (const cluster of clusters) progress.say(`     ${redriveCommand(cluster, first.dataQueue)}`);
  await mendTables(db);
  await redriveParked(clusters, parked);
  if (broken.length > 0) {
    progress.say('   and the connection, once its endpoint is back; its parked deliveries follow by themselves:');
    progress.say(`     npm run ops -- connections mend ${GONE}/webhook/demo`);
    options.destinations.heal(GONE, 'webhook');
    await mendConnections(db);
  }
  return await waitFor(options, (counts) => counts.pending === 0 && counts.parked === 0);
}

const shorten = (text: string): string => (text.length > 150 ? `${text.slice(0, 149)}…` : text);
