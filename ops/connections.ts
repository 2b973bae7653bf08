import { randomUUID } from 'node:crypto';
import { Option, type Command } from 'commander';
import { openAccount } from '../activities/connections/open-account';
import type { SecretBox } from '../activities/connections/secret-box';
import { parse, type Account, type ConnectionKind } from '../activities/consumer';
import { DeliveryFailure } from '../activities/failures';
import {
  changeConnection,
  insertConnection,
  listConnections,
  readConnection,
  removeConnection,
  type ListedConnection,
  type SealedConnection,
} from '../db/connections';
import { wakeDeliveries } from '../db/wake-deliveries';
import { addCheckCommand, check } from './check-connection';
import { checkSite } from './check-site';
import { limitsOf, type LimitOptions } from './connection-limits';
import { findConnection, kindOf } from './find-connection';
import type { Ops } from './open-ops';
import { CommandFailure, commandName, printDone, printList, type Column, type JsonOption } from './output';
import {
  readConfigInput,
  readCount,
  readEventTypes,
  readName,
  readPositive,
  readSecrets,
  readSite,
  type ConfigOptions,
  type SecretsOptions,
} from './read-input';
import { readNotify, storeNotify, type NotifyOption } from './notify';
import { addRotateKeyCommand } from './rotate-key';
import { addSendTestCommand } from './send-test';
import { addShowCommand } from './show-connection';
import { askForLong, endOf, mendSignIn } from './sign-ins';

/** Deliveries that one statement makes due. */
const WOKEN_AT_ONCE = 1_000;

type ChangeOptions = ConfigOptions & SecretsOptions & LimitOptions & NotifyOption & JsonOption;

/** `ops connections ...`: the sites' accounts at destinations. */
export function addConnectionCommands(connections: Command, ops: Ops): void {
  withChanges(connections.command('add'))
    .description('add an account of a site')
    .argument('<consumer>', 'the kind of destination, such as webhook')
    .requiredOption('--site <id>', 'the site', readSite)
    .requiredOption('--name <name>', 'its name, for people', readName)
    .action(async (consumer: string, options: ChangeOptions & { site: string; name: string }) => {
      const kind = await kindOf(ops, consumer);
      const [db, box] = [await ops.database(), await ops.secretBox()];
      const id = randomUUID();
      const config = await readConfigFor(kind, options);
      const secrets = await readSecretsFor(kind, options);
      const notify = await readNotify(ops, options, config);
      const sealed = box.seal(id, secrets);
      const added = await insertConnection(db, {
        id,
        siteId: options.site,
        consumer,
        name: options.name,
        config,
        ...limitsOf(options, kind.limits?.(config)),
        secrets: sealed.bytes,
        secretsKeyId: sealed.keyId,
        endsAt: endOf(kind, { config, secrets }),
      });
      const place = `${options.site}/${consumer}/${options.name}`;
      if (!added) throw new CommandFailure(`There is a connection ${place} already; change it with "mend".`);
      await storeNotify(db, box, id, notify);
      const advice = `See that it works: ${commandName()} connections check ${place}`;
      printDone(
        `Added ${place} (${id}). ${advice}`,
        { id, siteId: options.site, consumer, name: options.name },
        options,
      );
    });

  connections
    .command('list')
    .description('all accounts, and how many deliveries wait for them')
    .option('--site <id>', 'only of this site', readSite)
    .option('--consumer <name>', 'only of this consumer')
    .option('--json', 'as JSON')
    .action(async ({ site, consumer, json }: { site?: string; consumer?: string; json?: boolean }) => {
      const db = await ops.database();
      const rows = await listConnections(db, { siteId: site, consumer });
      if (rows.length === 0) await checkSite(db, site);
      printList(rows, COLUMNS, { json, empty: 'There is no connection.' });
    });

  addShowCommand(connections, ops);
  addCheckCommand(connections, ops);
  addSendTestCommand(connections, ops);

  withChanges(connections.command('mend'))
    .description(
      'change an account, or say that it works again; deliveries parked as ConnectionBroken are then sent again',
    )
    .argument('<connection>', 'its id, or site/consumer/name')
    .option('--no-check', 'without connecting first')
    .action(async (place: string, options: ChangeOptions & { check: boolean }) => {
      const [db, box] = [await ops.database(), await ops.secretBox()];
      const connection = await findConnection(db, place);
      const kind = await kindOf(ops, connection.consumer);
      // Secrets on standard input replace all stored ones: where the key of those is lost, they cannot be opened.
      const before = options.secrets === undefined ? openedBefore(connection, box) : { ...connection, secrets: {} };
      const config = await readConfigFor(kind, options, before.config);
      const secrets = await readSecretsFor(kind, options, before.secrets);
      const notify = await readNotify(ops, options, config);
      const given = { kind, config, secrets, before: before.secrets as Partial<typeof secrets> }; // sealed from texts
      const signIn = mendSignIn({
        tx: db,
        connectionId: connection.id,
        secretBox: box,
        ...given,
        check: (store) => check(kind, { config, secrets }, store),
      });
      const { says, failure } = options.check ? await signIn.check() : { says: null };
      await storeNotify(db, box, connection.id, notify);
      // Not given up when a worker stores a refresh token meanwhile: the check may have used up the one that was given.
      for (let isChanged = false; !isChanged;) {
        isChanged = await askForLong(async () => {
          const latest = await readConnection(db, connection.id);
          if (latest?.edition !== connection.edition) {
            throw new CommandFailure(
              'Another process changed the connection at this moment; look at it ("list") and try again.',
            );
          }
          const { bytes, keyId } = box.seal(connection.id, await signIn.secrets());
          const sealed = { secrets: bytes, secretsKeyId: keyId, endsAt: await signIn.endsAt() };
          const changes = { config, ...limitsOf(options, connection), ...sealed };
          return await changeConnection(db, connection.id, latest.version, changes);
        });
      }
      while ((await askForLong(() => wakeDeliveries(db, connection.id, WOKEN_AT_ONCE))) === WOKEN_AT_ONCE);
      if (failure !== undefined) throw failure;
      const done = options.check ? 'Mended.' : 'Stored as ok, without connecting.';
      const text = `${done} Deliveries that were parked as ConnectionBroken, or wait for a later time, are sent again within seconds, oldest first; others that are parked (as InvalidConfig, for one) need "deliveries redrive".`;
      printDone(says === null ? text : `${says}\n${text}`, { id: connection.id, says }, options);
    });

  connections
    .command('remove')
    .description('remove an account; deliveries that wait for it are parked as InvalidConfig, to be discarded')
    .argument('<connection>', 'its id, or site/consumer/name')
    .option('--yes', 'although deliveries wait for it')
    .option('--json', 'as JSON')
    .action(async (place: string, { yes, ...options }: JsonOption & { yes?: boolean }) => {
      const db = await ops.database();
      const { id, pending, parked } = await findConnection(db, place);
      if (pending + parked > 0 && !yes) {
        throw new CommandFailure(`${pending + parked} deliveries wait for it. Say --yes to remove it all the same.`);
      }
      if (!(await removeConnection(db, id)))
        throw new CommandFailure('Another process removed the connection at this moment.');
      printDone('Removed.', { id }, options);
    });

  addRotateKeyCommand(connections, ops);
}

function withChanges(command: Command): Command {
  return command
    .option('--json', 'as JSON')
    .option('--config <file>', 'its configuration as JSON; - for standard input')
    .option('--set <name=value...>', 'values of the configuration, over the file')
    .option('--secrets <->', 'secrets as JSON from standard input, instead of CONNECTION_... variables or a prompt')
    .option('--notify <url>', 'tell this endpoint, by a signed message, when it breaks or is mended; "none": no more')
    .addOption(
      new Option(
        '--event-types <types>',
        'only these, with commas between them; default: all that are subscribed',
      ).argParser(readEventTypes),
    )
    .addOption(
      new Option(
        '--max-in-flight <n>',
        'most sends at once, in each worker (10, or fewer where the destination allows fewer)',
      ).argParser(readCount),
    )
    .addOption(new Option('--rate <n>', 'most sends per second, of all workers').argParser(readPositive));
}

const COLUMNS: readonly Column<ListedConnection>[] = [
  { title: 'SITE', of: ({ siteId }) => siteId },
  { title: 'CONSUMER', of: ({ consumer }) => consumer },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'PENDING', of: ({ pending }) => pending },
  { title: 'PARKED', of: ({ parked }) => parked },
  { title: 'ENDS', of: ({ endsAt }) => endsAt?.toISOString().slice(0, 10) ?? '' },
  { title: 'AT ONCE', of: ({ maxInFlight }) => maxInFlight },
  { title: 'PER SECOND', of: ({ ratePerSecond }) => ratePerSecond },
  { title: 'BROKEN SINCE', of: ({ brokenSince }) => brokenSince?.toISOString() ?? '' },
  { title: 'WHY', of: ({ brokenReason }) => brokenReason },
];

/** The stored secrets; those that cannot be opened are asked for anew. */
function openedBefore(connection: SealedConnection, box: SecretBox): Account {
  try {
    return openAccount(connection.id, connection, box);
  } catch (error) {
    if (error instanceof DeliveryFailure && error.type === 'InvalidConfig')
      return { config: connection.config, secrets: {} };
    throw error;
  }
}

const readConfigFor = async (kind: ConnectionKind, options: ConfigOptions, before?: unknown) => {
  const input = await readConfigInput(options, before as Record<string, unknown> | undefined); // a row's is an object
  parse(kind.config, input, 'configuration');
  kind.judge?.(input); // an address that no delivery may call is refused now
  return input;
};

const readSecretsFor = async (kind: ConnectionKind, options: SecretsOptions, before?: unknown) => {
  const input = await readSecrets(options, kind, before as Record<string, unknown> | undefined); // sealed from an object
  parse(kind.secrets, input, 'secrets');
  return input as Record<string, string>; // its schema has read them
};
