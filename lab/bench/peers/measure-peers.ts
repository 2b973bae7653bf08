import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecretBox, newSecretsKey } from '../../../activities/connections/secret-box';
import { createPool } from '../../../db/pool';
import { onPool } from '../../../db/tx';
import type { Stack } from '../../../stack/start-stack';
import { runCommand } from '../../../stack/run-command';
import { openDestinations, type Destinations } from '../../destinations';
import { percentile } from '../../latency';
import { makeChat, singleQueueEvent, type MadeEvent } from '../../make-events';
import { createCpuReader, proportionalMegabytes } from '../../process-usage';
import { copyDatabase } from '../../queries/copy-database';
import { createHandled } from '../../queries/handled';
import type { Random } from '../../random';
import { verifyRows } from '../batches';
import { runBlock, type Block } from '../run-block';
import { activate, serversOf, verifyEverywhere } from '../several-consumers';
import { peers } from './all-peers';
import { openPeer, type Running } from './open-peer';
import { openProductAsPeer, PRODUCT } from './product';
import type { Mode } from './peer';

export const KINDS = ['plain', 'safe'] as const;
type Kind = (typeof KINDS)[number];
export const WAYS = ['single', 'lists'] as const;
type Way = (typeof WAYS)[number];

export interface PeersOptions {
  readonly stack: Stack;
  readonly folder: string;
  readonly say: (text: string) => void;
  readonly random: Random;
  /** Names of peers, and the product's. */
  readonly systems: readonly string[];
  /** Peers as their documentation begins, or with the parts that a team would have to add. */
  readonly kinds: readonly Kind[];
  /** Job by job, or in lists. */
  readonly modes: readonly Way[];
  /** Of each event: 1 or 6. */
  readonly consumers: readonly number[];
  /** Events that are published and whose last effect is not yet seen. */
  readonly outstanding: readonly number[];
  readonly rounds: number;
  /** For which events are published, at each number outstanding; the last effect comes later. */
  readonly seconds: number;
}

/** One system with its mode, at one load, in one round. */
export interface Measured {
  readonly system: string;
  readonly mode: Mode;
  readonly consumers: number;
  readonly outstanding: number;
  readonly eventsPerSecond: number;
  /** Of the product: how many travelled together, on average. */
  readonly eventsPerWorkflow: number;
  /** Milliseconds until publish resolved, and until the last effect was seen. */
  readonly acknowledgedMs: Percentiles;
  readonly deliveredMs: Percentiles;
  /** By process, CPU milliseconds per event, and MB at the end; `publisher` runs the destinations, too. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly megabytes: Readonly<Record<string, number>>;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

interface Unit {
  readonly system: string;
  readonly mode: Mode;
  readonly consumers: number;
}

export const SIX_QUEUES = ['persistence', 'ticket', 'email', 'webhook', 'salesforce', 'zendesk'] as const;
const SITES = ['20011', '20012'];
/** So long that frequent code is compiled. */
const WARM_UP_SECONDS = 4;
const MOST_EVENTS = 100_000;

export interface MeasuredPeers {
  readonly measured: readonly Measured[];
  /** Systems that are not installed, with the command that installs them. */
  readonly skipped: readonly string[];
  /** Events that came to no end, or whose effects were missing or there twice. */
  readonly failed: readonly string[];
}

export async function measurePeers(options: PeersOptions): Promise<MeasuredPeers> {
  const { systems, kinds, modes, consumers, rounds, random, say } = options;
  const skipped: string[] = [];
  const there: string[] = [];
  for (const name of systems) {
    const server = peers[name]?.server;
    if (server === undefined || (await runCommand(['sh', '-c', `command -v ${server.program}`])).code === 0) {
      there.push(name);
    } else skipped.push(`${peers[name]?.name}: ${server.program} is not installed: ${server.install}`);
  }
  for (const line of skipped) say(line);
  const units: Unit[] = there.flatMap((system) =>
    modesOf(system, kinds, modes).flatMap((mode) => consumers.map((count) => ({ system, mode, consumers: count }))),
  );
  const measured: Measured[] = [];
  const failed: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    say(`Round ${round} of ${rounds}:`);
    for (const [n, unit] of shuffled(units, random).entries()) {
      try {
        measured.push(...(await measureUnit(unit, `${round}_${n}`, options)));
      } catch (error) {
        failed.push(`${nameUnit(unit)}: ${error instanceof Error ? error.message : String(error)}`);
        say(`  FAILED: ${failed.at(-1)}`);
      }
    }
  }
  return { measured, skipped, failed };
}

const modesOf = (system: string, kinds: readonly Kind[], ways: readonly Way[]): readonly Mode[] =>
  system === PRODUCT
    ? [{ isBatched: true, isSafe: true }]
    : (peers[system]?.modes ?? []).filter(
        ({ isBatched, isSafe }) =>
          kinds.includes(isSafe ? 'safe' : 'plain') && ways.includes(isBatched ? 'lists' : 'single'),
      );

/** @throws when an effect that was reported is not where it belongs, or is there twice */
async function measureUnit(unit: Unit, id: string, options: PeersOptions): Promise<Measured[]> {
  const { stack, folder, outstanding, seconds, random, say } = options;
  const secretsKey = newSecretsKey();
  const ownFolder = join(folder, id);
  await mkdir(ownFolder);
  const databaseUrl = await copyDatabase(stack.postgres.url, `peers_${id}`);
  const pool = createPool(databaseUrl);
  const db = onPool(pool);
  const isMany = unit.consumers > 1;
  await createHandled(db);
  let destinations: Destinations | undefined;
  let running: Running | undefined;
  const measured: Measured[] = [];
  const keys: string[] = [];
  const readCpu = createCpuReader();
  try {
    if (isMany) {
      await activate(db, SITES);
      destinations = await openDestinations(
        db,
        createSecretBox(secretsKey),
        serversOf(SITES, true, () => () => undefined),
      );
    }
    const queues: readonly string[] = isMany ? SIX_QUEUES : ['persistence'];
    const place = { databaseUrl, temporalAddress: stack.temporal.address, queues, mode: unit.mode };
    const common = { place, databaseUrl, secretsKey, folder: ownFolder };
    running =
      unit.system === PRODUCT
        ? await openProductAsPeer({ ...common, stack })
        : await openPeer({ ...common, peer: unit.system, sites: isMany ? SITES : [], isSafe: unit.mode.isSafe });
    const { side } = running;
    const { postgres, temporal } = stack;
    const onTemporal = unit.system === PRODUCT || peers[unit.system]?.needsTemporal === true;
    const pids = {
      ...running.pids,
      PostgreSQL: postgres.pid ?? 0,
      ...(onTemporal && { Temporal: temporal.pid ?? 0 }),
    };
    const make = (n: number): MadeEvent => (isMany ? makeChat(SITES[n % SITES.length]) : singleQueueEvent(n));
    const most = peers[unit.system]?.mostOutstanding ?? Infinity;
    const warmUp = { events: MOST_EVENTS, seconds: WARM_UP_SECONDS, inFlight: Math.min(most, isMany ? 50 : 1_000) };
    keys.push(...(await runBlock(side, { make, ...warmUp })).keys);
    for (const inFlight of shuffled(outstanding, random)) {
      const block = await runBlock(side, {
        make,
        events: MOST_EVENTS,
        seconds,
        inFlight: Math.min(inFlight, most),
        pids,
        readCpu,
      });
      keys.push(...block.keys);
      const megabytes = Object.entries({ ...pids, publisher: process.pid }).map(
        ([name, pid]) => [name, proportionalMegabytes(pid) ?? NaN] as const,
      );
      const one = { ...unit, outstanding: inFlight, ...figuresOf(block), megabytes: Object.fromEntries(megabytes) };
      measured.push(one);
      say(showMeasured(one));
    }
    if (destinations === undefined) await verifyRows(databaseUrl, keys);
    else await verifyEverywhere(db, destinations, keys, true);
  } finally {
    await running?.close();
    await destinations?.close();
    await pool.end();
  }
  return measured;
}

const figuresOf = ({ eventsPerSecond, keys, workflows, acceptedMs, finishedMs, cpuMs }: Block) => ({
  eventsPerSecond,
  eventsPerWorkflow: keys.length / workflows,
  acknowledgedMs: percentilesOf(acceptedMs),
  deliveredMs: percentilesOf(finishedMs),
  cpuMs,
});

const percentilesOf = (values: readonly number[]): Percentiles => ({
  p50: percentile(values, 0.5),
  p95: percentile(values, 0.95),
  p99: percentile(values, 0.99),
});

const nameUnit = ({ system, mode, consumers }: Unit): string =>
  `${system}, ${mode.isSafe ? 'safe' : 'plain'}, ${mode.isBatched ? 'batched' : 'single'}, ${consumers} consumers`;

const showMeasured = (one: Measured): string =>
  `  ${nameUnit(one).padEnd(50)}${String(one.outstanding).padStart(5)} outstanding ${one.eventsPerSecond.toFixed(1).padStart(8)} events/s, p50 ${one.deliveredMs.p50.toFixed(0)} ms`;

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const copy = [...list];
  for (let n = copy.length - 1; n > 0; n--) {
    const other = random.between(0, n);
    [copy[n], copy[other]] = [copy[other] as T, copy[n] as T]; // both places are in the list
  }
  return copy;
}
