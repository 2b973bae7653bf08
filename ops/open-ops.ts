import { readFile } from 'node:fs/promises';
import type { Client, Connection } from '@temporalio/client';
import { closeConsumers, type ConnectionKind, type Consumer } from '../activities/consumer';
import type { OnAnswer } from '../activities/http/exchange';
import { createSecretBox, type SecretBox } from '../activities/connections/secret-box';
import { effects } from '../db/effects';
import { createPool } from '../db/pool';
import { inTransaction, onPool, type Tx } from '../db/tx';
import { clusterVariables, readStack, type RunningStack } from '../stack/stack-file';
import { readEnvironment, withFiles } from '../workers/read-environment';
import { CommandFailure } from './output';

/** The parts that commands use; each is loaded and opened when a command first uses it. */
export interface Ops {
  /** The environment of a worker. */
  environment(): Promise<NodeJS.ProcessEnv>;
  database(): Promise<Tx>;
  /** Committed when `work` resolves, rolled back when it throws. */
  inTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  secretBox(): Promise<SecretBox>;
  /** The first cluster that answers. */
  temporal(): Promise<Client>;
  /** All clusters, whether they answer or not. */
  clusters(): Promise<readonly OpsCluster[]>;
  /** All, by name. */
  consumers(): Promise<Readonly<Record<string, Consumer>>>;
  /**
   * The parts of a connection, by the consumer's name; only of consumers that need a connection.
   *
   * @param onAnswer is called with each answer of Salesforce and Zendesk, secrets included
   */
  connectionKinds(onAnswer?: OnAnswer): Promise<Readonly<Record<string, ConnectionKind>>>;
  close(): Promise<void>;
}

export interface OpsCluster {
  readonly name: string;
  readonly address: string;
  readonly namespace: string;
  readonly connection: Connection;
  /** With a deadline for each call in it. */
  readonly ask: <T>(calls: () => Promise<T>) => Promise<T>;
}

const ANSWER_WITHIN_MS = 3_000;
/** An operator waits longer than an attempt may: an erasure, or a count, may read all rows of a large site. */
const STATEMENT_MS = 60_000;
/** A change of many task queues takes half a minute on a server that is busy. */
const CHANGED_WITHIN_MS = 60_000;

/** From the environment, where it is set; else of the servers that `npm start` runs here. */
export async function openOps(variables: NodeJS.ProcessEnv = process.env): Promise<Ops> {
  const environment = withFiles(variables);
  const closing: (() => Promise<unknown>)[] = [];
  const running = await readStack();
  const fromStack = <T>(variable: string, read: (stack: RunningStack) => T): T => {
    if (running === undefined) throw nothingRuns(variable);
    return read(running);
  };
  const findEnvironment = async (): Promise<NodeJS.ProcessEnv> => {
    if (running === undefined) return environment; // the reader names the missing variables
    const { databaseUrl, largeEventsDir, secretsKeyFile, allowedAddresses, sidecar } = running;
    const key = secretsKeyFile === null ? '' : (await readFile(secretsKeyFile, 'utf8')).trim();
    const given = Object.entries(environment).filter(([, value]) => value !== '');
    return {
      DATABASE_URL: databaseUrl,
      ...(environment['TEMPORAL_ADDRESS'] ? {} : clusterVariables(running)),
      LARGE_EVENTS_DIR: largeEventsDir,
      SECRETS_KEY: key,
      ALLOWED_ADDRESSES: allowedAddresses,
      INGRESS_TOKENS_FILE: sidecar?.tokensFile,
      ...Object.fromEntries(given),
    };
  };
  let opened: ReturnType<typeof createPool> | undefined;
  const openDatabase = (): ReturnType<typeof createPool> => {
    if (opened !== undefined) return opened;
    const url = environment['DATABASE_URL'] || fromStack('DATABASE_URL', ({ databaseUrl }) => databaseUrl);
    const pool = createPool(url, { max: 2, statementTimeoutMs: STATEMENT_MS });
    closing.push(() => pool.end());
    return (opened = pool);
  };
  const consumers = async (onAnswer?: OnAnswer) => {
    const opened = await openConsumers(
      {
        ALLOWED_ADDRESSES: environment['ALLOWED_ADDRESSES'] || running?.allowedAddresses || '',
        DNS_SERVERS: environment['DNS_SERVERS'] ?? '',
      },
      onAnswer,
    );
    // Before the database: a new refresh token may have to be stored still.
    closing.push(() => closeConsumers(opened));
    return opened;
  };
  const clusters = async (): Promise<OpsCluster[]> => {
    const found = await findEnvironment();
    if (!found['TEMPORAL_ADDRESS']) throw nothingRuns('TEMPORAL_ADDRESS');
    const [{ Connection }, { readClustersAlone, toClusterOptions }, { connectionOptionsOf }] = [
      await import('@temporalio/client'),
      await import('../workers/clusters.js'),
      await import('../client/open-cluster.js'),
    ];
    return readClustersAlone(found).map((cluster) => {
      const { name, address, namespace } = cluster;
      const settings = { ...connectionOptionsOf(toClusterOptions(cluster)), connectTimeout: ANSWER_WITHIN_MS };
      const connection = Connection.lazy({ ...settings, interceptors: [] });
      closing.push(() => connection.close());
      const ask: OpsCluster['ask'] = (calls) => connection.withDeadline(Date.now() + CHANGED_WITHIN_MS, calls);
      return { name, address, namespace, connection, ask };
    });
  };
  return {
    consumers: () => consumers(),
    connectionKinds: async (onAnswer) =>
      Object.fromEntries(
        Object.entries(await consumers(onAnswer)).flatMap(([name, consumer]) =>
          consumer.kind === 'external' && consumer.connection !== undefined ? [[name, consumer.connection]] : [],
        ),
      ),
    environment: findEnvironment,
    database: async () => onPool(openDatabase()),
    inTransaction: async (work) => await inTransaction(openDatabase(), work),
    secretBox: async () => {
      const { SECRETS_KEY: key, SECRETS_KEY_PREVIOUS: previous } = environment;
      if (key) return createSecretBox(key, previous || undefined);
      const file = fromStack('SECRETS_KEY', ({ secretsKeyFile }) => secretsKeyFile);
      if (file === null) throw new CommandFailure('npm start was given a SECRETS_KEY: set it here, too.');
      return createSecretBox((await readFile(file, 'utf8')).trim());
    },
    clusters,
    temporal: async () => {
      const all = await clusters();
      const { Client } = await import('@temporalio/client');
      for (const { namespace, connection } of all) {
        const answers = await connection
          .withDeadline(Date.now() + ANSWER_WITHIN_MS, () => connection.ensureConnected())
          .then(() => true)
          .catch(() => false);
        if (answers) return new Client({ connection, namespace });
      }
      throw new CommandFailure(`Temporal does not answer at ${all.map(({ address }) => address).join(', nor at ')}.`);
    },
    close: async () => {
      for (const close of closing.reverse()) await close();
    },
  };
}

const nothingRuns = (variable: string): CommandFailure =>
  new CommandFailure(`Nothing runs here. Use "npm start", or set ${variable}.`);

async function openConsumers(
  lists: Record<'ALLOWED_ADDRESSES' | 'DNS_SERVERS', string>,
  onAnswer?: OnAnswer,
): Promise<Readonly<Record<string, Consumer>>> {
  const { consumerVariables, createConsumers } = await import('../activities/consumers/index.js');
  const { checkServers } = await import('../activities/http/dns/host-resolver.js');
  const { readRange } = await import('../activities/http/address-range.js');
  const { readList } = await import('../workers/config.js');
  const read = (variable: keyof typeof lists, check: (list: string[]) => void): string[] => {
    const list = readList(lists[variable]);
    try {
      check(list);
    } catch (error) {
      throw new CommandFailure(`${variable}: ${(error as Error).message}`); // both throw nothing but errors
    }
    return list;
  };
  const allowedAddresses = read('ALLOWED_ADDRESSES', (list) => list.forEach(readRange));
  const dnsServers = read('DNS_SERVERS', checkServers);
  const variables = readEnvironment(consumerVariables, process.env, () => []);
  return await createConsumers({ effects, allowedAddresses, dnsServers, onAnswer, variables });
}
