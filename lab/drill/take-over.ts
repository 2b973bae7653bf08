/**
 * How soon standby finishes what main had under way, after a look at how fast the same deliveries go while nothing fails. Run it with
 * `npx tsx lab/drill/take-over.ts`, after `npm run build`.
 */
import { join } from 'node:path';
import { number, runCommandLine } from '../command-line';
import { makeLines, SITES } from '../make-events';
import { createProgress, type Progress } from '../progress';
import { countDeliveries } from '../queries/counts';
import { makeDue } from '../queries/make-due';
import { readSettlements } from '../queries/read-settlements';
import { settle } from '../settle';
import { takeAccount } from '../take-account';
import { countDuplicates } from './count-duplicates';
import { openSystem, type System } from './open-system';
import { DESTINATIONS } from './outages';
import { publishSteadily, type Published } from './publish-steadily';

const USAGE = `npx tsx lab/drill/take-over.ts [--deliveries N] [--rate N]

  --deliveries N  under way when main is killed, at least; default 10,000
  --rate N        events per second of the publisher; default 60`;

/** Deliveries to destinations beside the database that an event of `makeLines` has, at least. */
const FAR_EACH = 4;
/** Events while nothing fails. */
const USUAL = 400;
const TAKEOVER_AFTER_SECONDS = 20;
/** The destinations of all sites are away meanwhile: no delivery is parked, and none is made. */
const RETRY_SECONDS = [1, 1, 2, 2, 3, ...Array<number>(20).fill(300)].join();

interface Options {
  readonly deliveries: number;
  readonly rate: number;
}

async function main({ deliveries, rate }: Options): Promise<void> {
  const progress = createProgress({ out: process.stdout });
  progress.show('  Starting ...');
  const system = await openSystem({
    setUp: {},
    release: { root: join(__dirname, '..', '..'), built: true },
    takeoverAfterSeconds: TAKEOVER_AFTER_SECONDS,
    workerEnv: { WEBHOOK_RETRY_SECONDS: RETRY_SECONDS },
  });
  try {
    await measure(system, { deliveries, rate }, progress);
  } finally {
    await system.close();
  }
}

async function measure(system: System, { deliveries, rate }: Options, progress: Progress): Promise<void> {
  const { db, outages, servers, destinations } = system;
  const began = Date.now();
  const first = await publish(system, { seed: 1, count: USUAL, rate });
  await untilNonePending(system, progress);
  const usual = perSecond(await settledSince(system, began));
  progress.say(`While nothing fails: ${usual.toFixed(1)} deliveries per second.`);

  for (const name of DESTINATIONS) outages.begin(name);
  const others = await publish(system, { seed: 2, count: Math.ceil(deliveries / FAR_EACH), rate });
  const events = USUAL + others.length;
  await settle(db, {
    isSettled: (counts) => counts.events >= events && counts.pending >= deliveries,
    onCounts: ({ events: recorded, pending }) =>
      progress.show(`  ${recorded} events recorded, ${pending} deliveries under way`),
  });
  const { pending } = await countDeliveries(db);
  await servers.main.kill();
  const killedAt = Date.now();
  for (const name of DESTINATIONS) outages.end(name);
  await makeDue(db);
  await untilNonePending(system, progress);

  const done = (await settledSince(system, killedAt)).filter(({ cluster }) => cluster === 'standby');
  const firstAfter = ((done[0]?.at.getTime() ?? NaN) - killedAt) / 1000;
  const rateOfStandby = perSecond(done);
  progress.say(
    `${pending} under way when main was killed. Standby made the first after ${firstAfter.toFixed(1)} s (main counts as lost after ${TAKEOVER_AFTER_SECONDS} s), ` +
      `then ${done.length} at ${rateOfStandby.toFixed(1)} per second, ${((100 * rateOfStandby) / usual).toFixed(0)} % of the usual.`,
  );
  const publications = [...first, ...others].map(({ publication }) => publication);
  const { lost } = await takeAccount(db, publications, destinations);
  const duplicates = await countDuplicates(db, publications, destinations);
  progress.say(
    `Lost ${lost}, twice ${duplicates.count}, messages again under one id ${destinations.wireDuplicates()}.`,
  );
  for (const problem of duplicates.problems) progress.say(`WRONG: ${problem}`);
  process.exitCode = lost + duplicates.count === 0 ? 0 : 1;
}

interface Load {
  readonly seed: number;
  readonly count: number;
  readonly rate: number;
}

async function publish({ publishers: [publisher] }: System, { seed, count, rate }: Load): Promise<Published[]> {
  if (publisher === undefined) throw new Error('There is no publisher.');
  const usual = { publisher, givesUp: () => false, onAnswer: () => {}, until: () => Infinity };
  return await publishSteadily({ ...usual, lines: makeLines(seed, count, SITES), rate });
}

async function untilNonePending({ db }: System, progress: Progress): Promise<void> {
  const isSettled = await settle(db, {
    isSettled: ({ events, pending }) => events > 0 && pending === 0,
    onCounts: ({ delivered, pending }) => progress.show(`  ${delivered} delivered, ${pending} under way`),
    stalledAfterMs: 330_000,
  });
  if (!isSettled) throw new Error('Some deliveries are still under way although nothing moves any more.');
}

const settledSince = async ({ db }: System, since: number) =>
  (await readSettlements(db)).filter(({ at }) => at.getTime() > since);

/** Of those in the order of time, from the first to the last. */
function perSecond(settled: readonly { readonly at: Date }[]): number {
  const [first, last] = [settled[0], settled.at(-1)].map((one) => one?.at.getTime() ?? NaN);
  return (1000 * (settled.length - 1)) / ((last ?? NaN) - (first ?? NaN));
}

runCommandLine(USAGE, { deliveries: number(10_000), rate: number(60) }, main);
