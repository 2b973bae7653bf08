import { Connection, WorkflowClient } from '@temporalio/client';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setRetention } from '../../db/retention';
import { NAMESPACE, TASK_QUEUE } from '../../protocol/constants';
import { chaos } from '../drill/chaos';
import { countDuplicates } from '../drill/count-duplicates';
import { inject } from '../drill/inject';
import type { System } from '../drill/open-system';
import { publishAll, untilEmptied, untilSettled } from '../drill/run-scenario';
import { makeEvents } from '../make-events';
import { proportionalMegabytes } from '../process-usage';
import { ageEvents, readRetainedBytes } from '../queries/age-events';
import { createRandom } from '../random';
import { takeAccount } from '../take-account';

/** The account of one round, and the sizes when retention had passed. */
export interface Round {
  readonly round: number;
  readonly events: number;
  readonly seconds: number;
  readonly faults: number;
  readonly lost: number;
  /** Effects that are there more often than once. */
  readonly twice: number;
  /** Messages that came again under one id, and attempts that the faults met: no more may come again. */
  readonly wireDuplicates: number;
  readonly attemptsMet: number;
  readonly problems: readonly string[];
  readonly sizes: Sizes;
}

export interface Sizes {
  /** MB of all workers, in memory. */
  readonly workers: number;
  /** MB of the tables that retention empties, of the journals, and of Temporal's files, which keep a day. */
  readonly tables: number;
  readonly journals: number;
  readonly temporal: number;
}

export interface RoundOptions {
  readonly round: number;
  readonly events: number;
  /** Events per second. */
  readonly rate: number;
  readonly seed: number;
  /** Faults at random moments while it publishes. */
  readonly faults: number;
  readonly say: (text: string) => void;
}

/** Publishes the events of one round while faults come and go, waits until all is settled, counts, and lets retention pass. */
export async function runRound(system: System, options: RoundOptions): Promise<Round> {
  const { round, events, rate, seed, faults, say } = options;
  const { db, destinations } = system;
  const began = performance.now();
  const before = await countDuplicates(db, [], destinations); // of earlier rounds: effects of events that are unknown now
  const repeatedBefore = destinations.wireDuplicates();
  const lines = makeEvents(seed, events);
  const publishing = publishAll(system, lines, { rate, until: () => Infinity, scenario: {}, onAnswer: () => {} });
  const injected = await inject(system, chaos(createRandom(seed), { kills: faults }), ({ says }) => say(says));
  const published = await publishing;
  const isSettled = await untilSettled(system, published, say);
  const isEmptied = await untilEmptied(system, say);
  const publications = published.map(({ publication }) => publication);
  const account = await takeAccount(db, publications, destinations);
  const after = await countDuplicates(db, publications, destinations);
  const wireDuplicates = destinations.wireDuplicates() - repeatedBefore;
  const attemptsMet = injected.attempts;
  const problems = [
    ...system.endings,
    ...account.problems,
    ...after.problems.filter((problem) => !before.problems.includes(problem) && after.count > before.count),
    !isSettled && 'Something was still under way when nothing moved any more.',
    !isEmptied && 'A journal still has entries although all is settled.',
    wireDuplicates > attemptsMet && `${wireDuplicates} came twice, but the faults met ${attemptsMet} attempts.`,
  ].filter((problem) => typeof problem === 'string');
  destinations.forget();
  await passRetention(system);
  return {
    round,
    events,
    seconds: (performance.now() - began) / 1000,
    faults,
    lost: account.lost,
    twice: after.count - before.count,
    wireDuplicates,
    attemptsMet,
    problems,
    sizes: await readSizes(system),
  };
}

/** As `ops retention set` and its schedule do, of events that are made old enough. */
async function passRetention({ db, servers }: System): Promise<void> {
  for (const what of ['*', 'tombstones', 'refused']) await setRetention(db, { what, days: 1, tables: what === '*' });
  await ageEvents(db, 2);
  const connection = await Connection.connect({ address: servers.main.address });
  const client = new WorkflowClient({ connection, namespace: NAMESPACE });
  try {
    await client.execute('pruneEvents', { workflowId: `soak/retention`, taskQueue: TASK_QUEUE });
  } finally {
    await connection.close();
  }
}

async function readSizes({ db, workers, folder }: System): Promise<Sizes> {
  const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
  const of = async (...names: readonly string[]): Promise<number> =>
    megabytes((await Promise.all(names.map((name) => bytesIn(join(folder, name))))).reduce((sum, one) => sum + one, 0));
  const journals = (await readdir(folder)).filter((name) => name.startsWith('journal-') && !name.endsWith('.log'));
  return {
    workers: Math.round(workers.pids.reduce((sum, pid) => sum + (proportionalMegabytes(pid) ?? NaN), 0)),
    tables: megabytes(await readRetainedBytes(db)),
    journals: await of(...journals),
    temporal: await of('main', 'standby'),
  };
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(
    async ({ parentPath, name }) => (await stat(join(parentPath, name)).catch(() => null))?.size ?? 0,
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
