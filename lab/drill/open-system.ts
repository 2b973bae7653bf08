import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecretBox, newSecretsKey } from '../../activities/connections/secret-box';
import { consumerNames } from '../../activities/consumers';
import type { PublisherOptions } from '../../client';
import { createPool } from '../../db/pool';
import { onPool, type Tx } from '../../db/tx';
import { seed } from '../../prisma/seed';
import { openDestinations, type Destinations } from '../destinations';
import { migrate } from '../../prisma/migrate';
import { logTail, type OnUnaskedEnd } from '../../stack/spawn-server';
import { startPostgres, type Postgres } from '../../stack/start-postgres';
import { startTcpProxy, type TcpProxy } from '../../stack/tcp-proxy';
import { startTemporal, type Temporal } from '../../stack/start-temporal';
import { SITES, visitor } from '../make-events';
import { startNameServer, type NameServer } from './name-server';
import { openPublisher, type PublisherProcess } from './open-publisher';
import { createOutages, type Outages } from './outages';
import { openWorkers, type Release, type Workers } from './open-workers';
import type { SetUp } from './set-up';

export interface SystemOptions {
  readonly setUp: SetUp;
  readonly release: Release;
  /** The release of the first workers. Default: this one. */
  readonly previous?: Release | undefined;
  /** Seconds without a successful start after which a cluster counts as down, for workers and publishers. Default: theirs, 60. */
  readonly takeoverAfterSeconds?: number;
  /** Settings of the workers other than the defaults of production. */
  readonly workerEnv?: Readonly<Record<string, string>>;
}

/** Everything that runs, in processes of its own but for the destinations, which survive everything. */
export interface System {
  /** Data and logs. */
  readonly folder: string;
  /** This one. */
  readonly release: Release;
  readonly servers: { readonly main: Temporal; readonly standby: Temporal; readonly postgres: Postgres };
  /** Between main and the processes that the set-up names. */
  readonly network: TcpProxy | undefined;
  readonly workers: Workers;
  readonly publishers: readonly PublisherProcess[];
  readonly destinations: Destinations;
  readonly outages: Outages;
  /** The name server of the workers, where the set-up has one. */
  readonly names: NameServer | undefined;
  readonly db: Tx;
  /** Processes that ended although they had not been told to: which, how, and the last lines of what they logged. */
  readonly endings: readonly string[];
  close(): Promise<void>;
}

const GIBIBYTE = 1024 ** 3;

/** Starts two clusters, a database, destinations, workers and publishers on temporary data. Throws the first error; then nothing is left. */
export async function openSystem({
  setUp,
  release,
  previous,
  takeoverAfterSeconds = 60,
  workerEnv = {},
}: SystemOptions): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'chat-events-drill-'));
  const removeNow = (): void => {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // A server that ends a moment after this process has written into it meanwhile.
    }
  };
  process.once('exit', removeNow); // however this process is stopped; the servers end with it
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one();
    process.off('exit', removeNow);
  };
  const opened = async <T>(opening: Promise<T>, closing: (one: T) => Promise<unknown>): Promise<T> => {
    const one = await opening;
    closers.push(() => closing(one));
    return one;
  };
  const endings: string[] = [];
  const watch =
    (name: string): OnUnaskedEnd =>
    (how, logFile) =>
      endings.push(`A ${name} ended by itself (${how}). The end of its log:\n${logTail(logFile)}`);
  try {
    const [postgres, main, standby] = await allOpened([
      opened(startPostgres({ dataDir: join(folder, 'postgres'), onUnaskedEnd: watch('PostgreSQL') }), (one) =>
        one.stop(),
      ),
      opened(startTemporal({ dataDir: join(folder, 'main'), onUnaskedEnd: watch('cluster (main)') }), (one) =>
        one.stop(),
      ),
      opened(startTemporal({ dataDir: join(folder, 'standby'), onUnaskedEnd: watch('cluster (standby)') }), (one) =>
        one.stop(),
      ),
    ]);
    await migrate(postgres.url, previous && join(previous.root, 'prisma'));
    await seed(postgres.url, consumerNames);
    const pool = await opened(Promise.resolve(createPool(postgres.url, { max: 4 })), (one) => one.end());
    const db = onPool(pool);
    const secretsKey = newSecretsKey();
    const outages = createOutages();
    const { silentSite } = setUp;
    const names =
      silentSite === undefined ? undefined : await opened(startNameServer(silentSite), (one) => one.close());
    const destinations = await opened(openAll(db, secretsKey, outages, names), (one) => one.close());
    const network = setUp.network && (await opened(startTcpProxy(main.address), (one) => one.close()));
    const mainFor = (whom: SetUp['network']): string =>
      network !== undefined && setUp.network === whom ? network.address : main.address;
    const shiftOf = (whom: string): number => (setUp.clock?.of === whom ? setUp.clock.shiftMs : 0);
    const workers = await opened(
      openWorkers({
        folder,
        release: previous ?? release,
        clockShiftMs: shiftOf('workers'),
        firstEnv: setUp.network === 'first worker' ? { TEMPORAL_ADDRESS: mainFor('first worker') } : {},
        onUnaskedEnd: watch('worker'),
        env: {
          // By name, where names are the fault: the system's look-up must go on as well.
          DATABASE_URL: names ? postgres.url.replace('127.0.0.1', 'localhost') : postgres.url,
          ...(names && { DNS_SERVERS: names.address }),
          TEMPORAL_ADDRESS: mainFor('workers'),
          TEMPORAL_STANDBY_ADDRESS: standby.address,
          SECRETS_KEY: secretsKey,
          ALLOWED_ADDRESSES: '127.0.0.1',
          WEBHOOK_RETRY_SECONDS: '1,1,2,2,3,5,5,10,10,10',
          TAKEOVER_AFTER_SECONDS: String(takeoverAfterSeconds),
          ...(setUp.release && { RELEASE: setUp.release }),
          ...workerEnv,
        },
      }),
      (one) => one.stop(),
    );
    const addresses = { main: mainFor('publishers'), standby: standby.address };
    const orders = setUp.publishers ?? [['main', 'standby']];
    const publishers = await allOpened(
      orders.map((order, n) =>
        opened(
          openPublisher({
            options: {
              clusters: order.map((name) => ({ name, address: addresses[name] })),
              takeoverAfterMs: 1000 * takeoverAfterSeconds,
              journal: journalIn(join(folder, `journal-${n}`), setUp.journalBytes),
            },
            isSidecar: setUp.sidecar ?? false,
            logFile: join(folder, `publisher-${n}.log`),
            clockShiftMs: n === 0 ? shiftOf('publishers') : 0,
            onUnaskedEnd: watch('publisher'),
          }),
          (one) => one.close(),
        ),
      ),
    );
    const servers = { main, standby, postgres };
    return { folder, release, servers, network, workers, publishers, destinations, outages, names, db, endings, close };
  } catch (error) {
    await close().catch(() => {}); // the first error says why
    throw error;
  }
}

/** Waits for the others when one fails, too: a part that opens late is closed with the rest. Throws the first error. */
async function allOpened<const T extends readonly Promise<unknown>[]>(
  opening: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(opening);
  return await Promise.all(opening);
}

/** Every site has an account at each; nothing fails there by itself. */
async function openAll(
  db: Tx,
  secretsKey: string,
  outages: Outages,
  names: NameServer | undefined,
): Promise<Destinations> {
  const bySite = <T>(value: T): Record<string, T> => Object.fromEntries(SITES.map((site) => [site, value]));
  return await openDestinations(db, createSecretBox(secretsKey), {
    webhooks: bySite(() => outages.fault('webhook')),
    ...(names && { webhookHosts: Object.fromEntries(SITES.map((site) => [site, names.hostOf(site)])) }),
    mailFaults: outages.mail,
    zendesks: bySite(() => outages.fault('zendesk')),
    salesforces: bySite({ fault: () => outages.fault('salesforce'), people: [visitor] }),
  });
}

const journalIn = (dir: string, maxBytes: number | null = GIBIBYTE): PublisherOptions['journal'] =>
  maxBytes === null ? undefined : { dir, maxBytes };
