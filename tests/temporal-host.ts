import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createPool } from '../db/pool';
import { findServer, SERVER_ARGUMENTS } from '../stack/cluster/find-server';
import { spawnServer, type ServerProcess } from '../stack/spawn-server';

export interface TemporalHostOptions {
  /** Address of this host; others of the same cluster have the same port. */
  readonly ip: string;
  readonly port: number;
  /** Name of the cluster's database; the one for lists has it with `_visibility`. */
  readonly stores: string;
  readonly logFile: string;
  /** More variables of deploy/temporal/temporal.env.example. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One process of a Temporal cluster, on the test run's PostgreSQL, as deploy/ has it. It may not be ready yet. */
export async function startTemporalHost(options: TemporalHostOptions): Promise<ServerProcess> {
  const { ip, port, stores, logFile } = options;
  const { hostname, port: postgresPort, username, password } = new URL(process.env['TEST_POSTGRES_URL']!);
  const programs = (await findServer())!;
  const env = {
    PATH: process.env['PATH'],
    CLUSTER_NAME: 'main',
    HOST_IP: ip,
    FRONTEND_PORT: String(port),
    DYNAMIC_CONFIG: 'deploy/temporal/dynamic.yaml',
    POSTGRES_HOST: hostname,
    POSTGRES_PORT: postgresPort,
    POSTGRES_USER: username,
    POSTGRES_PASSWORD: password,
    POSTGRES_DATABASE: stores,
    ...options.env,
  };
  await promisify(execFile)('sh', ['deploy/temporal/prepare-stores.sh', programs.sqlTool], { env });
  return await spawnServer({ file: programs.server, args: SERVER_ARGUMENTS, env, logFile, stopSignal: 'SIGTERM' });
}

/** Removes the databases of a cluster that has ended. */
export async function dropStores(stores: string): Promise<void> {
  const pool = createPool(process.env['TEST_POSTGRES_URL']!, { max: 1 });
  for (const name of [stores, `${stores}_visibility`]) await pool.query(`drop database if exists ${name} with (force)`);
  await pool.end();
}
