import { UnknownSecretsKey, type SecretBox } from '../../activities/connections/secret-box';
import {
  readAppliedMigrations,
  readConnectionsToInspect,
  readDatabaseFacts,
  readSubscriptionStates,
  type DatabaseFacts,
  type InspectedConnection,
} from '../../db/inspect-database';
import { readInstallation } from '../../db/installation';
import { createPool } from '../../db/pool';
import { onPool, type Tx } from '../../db/tx';
import { relations } from '../../activities/consumers/relations';
import { readMigrations } from '../../prisma/migration-files';
import { besideOps, commandName } from '../output';
import { checkServer } from './check-server';
import { clockFinding, type Finding } from './finding';

const ANSWER_WITHIN_MS = 5_000;
/** Most connections whose secrets are tried. */
const MOST_CONNECTIONS = 10_000;
const OF = 'database';

interface DatabaseOptions {
  readonly url: string;
  /** Null without SECRETS_KEY. */
  readonly secretBox: SecretBox | null;
  /** DATABASE_POOL_SIZE of a worker. */
  readonly poolSize: number;
}

/** The id of the database's installation; undefined: it does not tell. */
export async function findInstallation(url: string): Promise<string | undefined> {
  const pool = createPool(url, { max: 1, statementTimeoutMs: ANSWER_WITHIN_MS });
  try {
    return await readInstallation(onPool(pool));
  } catch {
    return undefined; // the checks of the database say why
  } finally {
    await pool.end();
  }
}

/** Checks the application's database without writing. A database that does not answer gives one failed line after some seconds. */
export async function checkDatabase({ url, secretBox, poolSize }: DatabaseOptions): Promise<Finding[]> {
  const pool = createPool(url, { max: 1, statementTimeoutMs: ANSWER_WITHIN_MS });
  const tx = onPool(pool);
  const { host, pathname } = new URL(url);
  try {
    await tx.query('select'); // connects first, so that the time of connecting does not count for the clock
    const before = Date.now();
    const facts = await readDatabaseFacts(tx);
    const clock = clockFinding(OF, facts.nowMs - (before + Date.now()) / 2);
    const server = [...checkServer(OF, facts, `${host}${pathname}`, 'DATABASE_URL'), checkRoom(facts, poolSize)];
    const applied = await readAppliedMigrations(tx);
    const migrations = checkMigrations(applied);
    // Without its tables no further check is possible.
    const rest = migrations.state === 'fail' ? [] : await checkRows(tx, secretBox);
    return [...server, clock, migrations, ...rest];
  } catch (error) {
    const found = `${host}${pathname}: ${(error as Error).message}`;
    return [{ of: OF, check: 'reachable', state: 'fail', found, remedy: 'Start it, or correct DATABASE_URL.' }];
  } finally {
    await pool.end();
  }
}

function checkRoom({ maxConnections, connections }: DatabaseFacts, poolSize: number): Finding {
  const room = { of: OF, check: 'connections', found: `${connections} of ${maxConnections} in use` };
  if (maxConnections - connections >= poolSize) return { ...room, state: 'ok' };
  const remedy = `A worker takes up to ${poolSize}: raise max_connections, or lower DATABASE_POOL_SIZE.`;
  return { ...room, state: 'warn', remedy };
}

function checkMigrations(applied: readonly string[] | undefined): Finding {
  const known = readMigrations().map(({ name }) => name);
  const pending = known.filter((name) => !applied?.includes(name));
  const newer = applied?.filter((name) => !known.includes(name)) ?? [];
  const line = { of: OF, check: 'migrations' };
  if (pending.length > 0) {
    const found = applied === undefined ? 'it has no tables' : `${pending.length} are missing: ${pending.join(', ')}`;
    return { ...line, state: 'fail', found, remedy: besideOps('migrate') };
  }
  if (newer.length > 0) {
    const found = `it is newer than this version: ${newer.join(', ')}`;
    return { ...line, state: 'warn', found, remedy: 'Bring this version up to date.' };
  }
  return { ...line, state: 'ok', found: `all ${known.length} are applied` };
}

async function checkRows(tx: Tx, secretBox: SecretBox | null): Promise<Finding[]> {
  const connections = await readConnectionsToInspect(tx, MOST_CONNECTIONS);
  return [
    checkSubscriptions(await readSubscriptionStates(tx)),
    checkSecrets(connections, secretBox),
    checkBroken(connections),
    checkEnds(connections, secretBox),
  ];
}

function checkSubscriptions(states: readonly { dataQueue: string; active: boolean }[]): Finding {
  const line = { of: OF, check: 'subscriptions' };
  const missing = relations
    .map(({ dataQueue }) => dataQueue)
    .filter((name) => !states.some((one) => one.dataQueue === name));
  if (missing.length > 0) {
    return {
      ...line,
      state: 'fail',
      found: `there is no subscription ${missing.join(', ')}`,
      remedy: besideOps('seed'),
    };
  }
  const paused = states.filter(({ active }) => !active).map(({ dataQueue }) => dataQueue);
  if (paused.length > 0) {
    const remedy = `${commandName()} subscriptions resume ${paused[0]}`;
    return { ...line, state: 'warn', found: `paused: ${paused.join(', ')}`, remedy };
  }
  return { ...line, state: 'ok', found: `${states.length} are active` };
}

function checkSecrets(connections: readonly InspectedConnection[], secretBox: SecretBox | null): Finding {
  const line = { of: OF, check: 'secrets' };
  const sealed = connections.filter(({ secrets }) => secrets !== null);
  if (sealed.length === 0) {
    if (secretBox !== null) return { ...line, state: 'ok', found: 'there are none yet' };
    const remedy = 'Set SECRETS_KEY, the same for all workers and ops: openssl rand -base64 32';
    return { ...line, state: 'warn', found: 'without SECRETS_KEY no connection can have any', remedy };
  }
  if (secretBox === null) {
    const found = `SECRETS_KEY is not set, and ${sealed.length} connections have secrets`;
    return { ...line, state: 'fail', found, remedy: 'Set the SECRETS_KEY that they were sealed with.' };
  }
  const shut = sealed.flatMap((one) => whyShut(one, secretBox));
  if (shut.length > 0) {
    const found = `${shut.length} of ${sealed.length} cannot be opened: ${list(shut.map(({ name }) => name))}`;
    const keys = [...new Set(shut.flatMap(({ keyId }) => (keyId === null ? [] : [keyId])))];
    const lost = `${commandName()} connections mend ${shut[0]?.name} --secrets -`;
    const remedy =
      keys.length > 0 ? `Set the key ${keys.join(', ')} as SECRETS_KEY_PREVIOUS. If it is lost: ${lost}` : lost;
    return { ...line, state: 'fail', found, remedy };
  }
  const old = sealed.filter(({ secretsKeyId }) => secretsKeyId !== secretBox.keyId).length;
  if (old > 0) {
    const found = `all ${sealed.length} open, ${old} of them by SECRETS_KEY_PREVIOUS`;
    return { ...line, state: 'warn', found, remedy: `${commandName()} connections rotate-key` };
  }
  return { ...line, state: 'ok', found: `all ${sealed.length} open` };
}

/** Undefined when they open; otherwise the id of the missing key, or null when they were changed. */
function whyShut({ id, name, secrets, secretsKeyId }: InspectedConnection, box: SecretBox) {
  try {
    if (secrets !== null) box.open(id, { keyId: secretsKeyId ?? '', bytes: secrets });
    return [];
  } catch (error) {
    return [{ name, keyId: error instanceof UnknownSecretsKey ? secretsKeyId : null }];
  }
}

function checkBroken(connections: readonly InspectedConnection[]): Finding {
  const line = { of: OF, check: 'connections of sites' };
  const broken = connections.filter((one) => one.broken).map(({ name }) => name);
  if (broken.length === 0) return { ...line, state: 'ok', found: `${connections.length}, none broken` };
  const found = `broken: ${list(broken)}`;
  return { ...line, state: 'warn', found, remedy: `${commandName()} connections mend ${broken[0]}` };
}

const DAY_MS = 86_400_000;
/** A credential that no sign-in renews has to be replaced by a person: days before its end, so that there is time. */
const WARNED_DAYS = 180;
/** The end of a refresh token moves with each use: one that is so near is not used, in days. */
const UNUSED_DAYS = 7;

/** Credentials that end by themselves, the first one first. */
function checkEnds(connections: readonly InspectedConnection[], box: SecretBox | null): Finding {
  const line = { of: OF, check: 'ends of sign-ins' };
  const ending = connections
    .flatMap((one) => {
      const { name, endsAt } = one;
      const days = isRenewed(one, box) ? UNUSED_DAYS : WARNED_DAYS;
      return endsAt !== null && endsAt.getTime() < Date.now() + days * DAY_MS ? [{ name, endsAt }] : [];
    })
    .toSorted((a, b) => a.endsAt.getTime() - b.endsAt.getTime());
  const [first] = ending;
  if (first === undefined) return { ...line, state: 'ok', found: `none ends within ${WARNED_DAYS} days` };
  const found = list(ending.map(({ name, endsAt }) => `${name} on ${endsAt.toISOString().slice(0, 10)}`));
  const remedy = `See which one to give instead: ${commandName()} connections check ${first.name}`;
  return { ...line, state: 'warn', found, remedy };
}

/** True where a refresh token signs in. */
function isRenewed({ id, secrets, secretsKeyId }: InspectedConnection, box: SecretBox | null): boolean {
  try {
    const opened = secrets && box?.open(id, { keyId: secretsKeyId ?? '', bytes: secrets });
    return (opened as { refreshToken?: string } | undefined)?.refreshToken !== undefined; // sealed from an object
  } catch {
    return false;
  }
}

/** The first few names. */
const list = (names: readonly string[]): string =>
  [...names.slice(0, 5), ...(names.length > 5 ? ['...'] : [])].join(', ');
