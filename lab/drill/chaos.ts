import type { Random } from '../random';
import { WORKERS } from './open-workers';
import { DESTINATIONS } from './outages';
import type { Step } from './scenario';
import {
  beginOutage,
  endOutage,
  kill,
  killPublisher,
  killWorker,
  shutDownPostgres,
  start,
  startPublisher,
  startWorker,
  wait,
} from './steps';

/** A process that can be killed: in which ways, and how it comes back. */
interface Victim {
  readonly kills: readonly [Step, ...Step[]];
  readonly start: Step;
}

const victims: readonly Victim[] = [
  { kills: [kill('main')], start: start('main') },
  { kills: [kill('standby')], start: start('standby') },
  { kills: [kill('postgres'), shutDownPostgres()], start: start('postgres') },
  { kills: [killPublisher()], start: startPublisher() },
  ...Array.from({ length: WORKERS }, (_, n) => ({ kills: [killWorker(n)] as const, start: startWorker(n) })),
  ...DESTINATIONS.map((name) => ({ kills: [beginOutage(name)] as const, start: endOutage(name) })),
];

/** Of the steps so many start something again, while anything is down: so one or two are, most of the time. */
const STARTS = 0.6;
const LONGEST_WAIT_MS = 1_000;

/** When it is over: after so many seconds, or so many kills. */
export interface ChaosOptions {
  readonly seconds?: number;
  readonly kills?: number;
}

/** Kills and starts at random, the same in the same order for the same seed; in the end all runs. */
export function* chaos(random: Random, { seconds = Infinity, kills = Infinity }: ChaosOptions): Generator<Step> {
  const end = performance.now() + 1000 * seconds;
  const down: Victim[] = [];
  let killed = 0;
  while (performance.now() < end && killed < kills) {
    const up = victims.filter((one) => !down.includes(one));
    if (down.length > 0 && (up.length === 0 || random.chance(STARTS))) {
      const [victim] = down.splice(random.between(0, down.length - 1), 1);
      if (victim !== undefined) yield victim.start;
    } else {
      const victim = random.pick(up as [Victim, ...Victim[]]); // some are up, or one of those that are down would be started
      down.push(victim);
      killed += 1;
      yield random.pick(victim.kills);
    }
    yield wait(random.between(0, LONGEST_WAIT_MS) / 1000);
  }
  for (const { start: startAgain } of down) yield startAgain;
}
