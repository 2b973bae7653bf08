import { readFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { createConsumers } from '../activities/consumers';
import type { ExternalConsumer } from '../activities/consumer';
import { createSecretBox, type SecretBox } from '../activities/connections/secret-box';
import { saveEvents } from '../db/domain/save-events';
import { createPool } from '../db/pool';
import { saveTickets } from '../db/tickets/save-tickets';
import { onPool, type Tx } from '../db/tx';
import { readStack, type RunningStack } from '../scripts/stack/stack-file';
import { readAddresses } from '../workers/config';
import { NAMESPACE } from '../workflows/constants';
import { CommandFailure } from './output';

/** What the commands work on; each part is opened when it is first asked for. */
export interface Ops {
  /** What a worker would be configured by. */
  environment(): Promise<NodeJS.ProcessEnv>;
  database(): Promise<Tx>;
  secretBox(): Promise<SecretBox>;
  temporal(): Promise<Client>;
  /** Names of all. */
  readonly consumerNames: readonly string[];
  /** By name; only those whose deliveries need a connection. */
  readonly consumers: Readonly<Record<string, ExternalConsumer>>;
  close(): Promise<void>;
}

const ANSWER_WITHIN_MS = 10_000;

/** From the environment, where it is set; else what `npm start` runs here. */
export function openOps(environment: NodeJS.ProcessEnv = process.env): Ops {
  const closing: (() => Promise<unknown>)[] = [];
  let stack: Promise<RunningStack | undefined> | undefined;
  const fromStack = async <T>(variable: string, read: (stack: RunningStack) => T): Promise<T> => {
    const running = await (stack ??= readStack());
    if (running === undefined) throw new CommandFailure(`Nothing runs here. Use "npm start", or set ${variable}.`);
    return read(running);
  };
  const consumers = openConsumers(environment['ALLOWED_ADDRESSES'] ?? '');
  return {
    consumerNames: Object.keys(consumers),
    consumers: Object.fromEntries(
      Object.entries(consumers).flatMap(([name, consumer]) =>
        consumer.kind === 'external' && consumer.connection !== undefined ? [[name, consumer]] : [],
      ),
    ),
    environment: async () => {
      const running = await (stack ??= readStack());
      if (running === undefined) return environment; // whoever reads it says what is missing
      const { databaseUrl, temporalAddress, namespace, largeEventsDir, secretsKeyFile } = running;
      const key = secretsKeyFile === null ? '' : (await readFile(secretsKeyFile, 'utf8')).trim();
      const given = Object.entries(environment).filter(([, value]) => value !== '');
      return {
        DATABASE_URL: databaseUrl,
        TEMPORAL_ADDRESS: temporalAddress,
        TEMPORAL_NAMESPACE: namespace,
        LARGE_EVENTS_DIR: largeEventsDir,
        SECRETS_KEY: key,
        ...Object.fromEntries(given),
      };
    },
    database: async () => {
      const url = environment['DATABASE_URL'] || (await fromStack('DATABASE_URL', ({ databaseUrl }) => databaseUrl));
      const pool = createPool(url, { max: 2 });
      closing.push(() => pool.end());
      return onPool(pool);
    },
    secretBox: async () => {
      const { SECRETS_KEY: key, SECRETS_KEY_PREVIOUS: previous } = environment;
      if (key) return createSecretBox(key, previous || undefined);
      const file = await fromStack('SECRETS_KEY', ({ secretsKeyFile }) => secretsKeyFile);
      if (file === null) throw new CommandFailure('npm start was given a SECRETS_KEY: set it here, too.');
      return createSecretBox((await readFile(file, 'utf8')).trim());
    },
    temporal: async () => {
      const fromEnvironment = loadClientConnectConfig();
      const set = environment['TEMPORAL_ADDRESS'];
      const { address, namespace } = set
        ? { address: set, namespace: fromEnvironment.namespace ?? NAMESPACE }
        : await fromStack('TEMPORAL_ADDRESS', (one) => ({ address: one.temporalAddress, namespace: one.namespace }));
      const connection = Connection.lazy({ ...fromEnvironment.connectionOptions, address, interceptors: [] });
      closing.push(() => connection.close());
      const client = new Client({ connection, namespace });
      await connection
        .withDeadline(Date.now() + ANSWER_WITHIN_MS, () => connection.ensureConnected())
        .catch(() => {
          throw new CommandFailure(`Temporal does not answer at ${address}.`);
        });
      return client;
    },
    close: async () => {
      for (const close of closing.reverse()) await close();
    },
  };
}

function openConsumers(allowedAddresses: string): ReturnType<typeof createConsumers> {
  try {
    return createConsumers({ saveEvents, saveTickets, allowedAddresses: readAddresses(allowedAddresses) });
  } catch (error) {
    // Nothing else of it can be wrong.
    throw new CommandFailure(`ALLOWED_ADDRESSES: ${(error as Error).message}`);
  }
}
