import { execFile, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createPublisher } from '../../client';
import { createPool } from '../../db/pool';
import { examine } from '../../ops/doctor';
import { findServer, SERVER_ARGUMENTS } from '../../stack/cluster/find-server';
import { spawnServer, type ServerProcess } from '../../stack/spawn-server';
import { createDatabase, type TestDatabase } from '../database';
import { endWorkerProcess, startWorkerProcess } from '../worker-process';

const run = promisify(execFile);
const built = spawnSync(process.execPath, ['scripts/setup.mjs', '--find-server']).status === 0;
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const title = 'a server with certificates';
const why = built ? 'there is no openssl' : 'no Temporal server is built here (npm run cluster builds it)';

(built && hasOpenssl ? describe : describe.skip)(built && hasOpenssl ? title : `${title} (skipped: ${why})`, () => {
  let folder: string;
  let server: ServerProcess;
  let database: TestDatabase;
  let stores: string;
  let worker: ChildProcess | undefined;
  const port = 20_500 + (process.pid % 10) * 1_000;
  const address = `localhost:${port}`;
  const file = (name: string) => join(folder, name);

  /** A certificate of a name that `ca` has signed, for servers and clients. */
  async function sign(name: string): Promise<void> {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file(`${name}.key`)];
    if (name === 'ca') {
      await run('openssl', ['req', '-x509', ...key, '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=ca']);
      return;
    }
    await run('openssl', ['req', ...key, '-out', file('request'), '-subj', `/CN=${name}`]);
    await writeFile(
      file('extensions'),
      `subjectAltName=DNS:${name},DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n`,
    );
    const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('extensions')];
    await run('openssl', ['x509', '-req', '-in', file('request'), '-out', file(`${name}.pem`), '-days', '2', ...by]);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certificates-'));
    for (const name of ['ca', 'temporal-main', 'worker']) await sign(name);
    database = await createDatabase();
    const { hostname, port: postgresPort, username, password, pathname } = new URL(database.url);
    stores = `${pathname.slice(1)}_temporal`;
    const { server: program, sqlTool } = (await findServer())!;
    const env = {
      PATH: process.env['PATH'],
      CLUSTER_NAME: 'main',
      FRONTEND_PORT: String(port),
      DYNAMIC_CONFIG: 'deploy/temporal/dynamic.yaml',
      POSTGRES_HOST: hostname,
      POSTGRES_PORT: postgresPort,
      POSTGRES_USER: username,
      POSTGRES_PASSWORD: password,
      POSTGRES_DATABASE: stores,
      FRONTEND_TLS_CERT: file('temporal-main.pem'),
      FRONTEND_TLS_KEY: file('temporal-main.key'),
      FRONTEND_TLS_CLIENT_CA: file('ca.pem'),
      FRONTEND_TLS_CA: file('ca.pem'),
      FRONTEND_TLS_SERVER_NAME: 'temporal-main',
    };
    await run('sh', ['deploy/temporal/prepare-stores.sh', sqlTool], { env });
    server = await spawnServer({
      file: program,
      args: SERVER_ARGUMENTS,
      env,
      logFile: file('server.log'),
      stopSignal: 'SIGTERM',
    });
  }, 300_000);

  afterAll(async () => {
    if (worker) await endWorkerProcess(worker, 'SIGKILL');
    await server.end(['SIGTERM', 20_000]);
    const pool = createPool(process.env['TEST_POSTGRES_URL']!, { max: 1 });
    for (const name of [stores, `${stores}_visibility`])
      await pool.query(`drop database if exists ${name} with (force)`);
    await pool.end();
    await database.drop();
    await rm(folder, { recursive: true });
  }, 60_000);

  const certificate = () => ({
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('ca.pem'),
    TEMPORAL_TLS_CLIENT_CERT_PATH: file('worker.pem'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: file('worker.key'),
  });

  const reachable = async (environment: NodeJS.ProcessEnv) => {
    const findings = await examine({ DATABASE_URL: database.url, TEMPORAL_ADDRESS: address, ...environment });
    return findings.find(({ of, check }) => of === 'main' && check === 'reachable');
  };

  it('lets in whoever has one, and nobody else', async () => {
    while ((await reachable(certificate()))?.state !== 'ok') expect(server.running()).toBe(true);
    expect(await reachable(certificate())).toMatchObject({ state: 'ok', found: expect.stringMatching(/ by TLS$/) });
    expect(await reachable({})).toMatchObject({ state: 'fail' });
    const onlyTheAuthority = { TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('ca.pem') };
    expect(await reachable(onlyTheAuthority)).toMatchObject({
      state: 'fail',
      found: expect.stringMatching(/certificate/),
    });
  }, 180_000);

  it('serves a worker and a publisher with certificates', async () => {
    worker = await startWorkerProcess({ DATABASE_URL: database.url, TEMPORAL_ADDRESS: address, ...certificate() });
    const [ca, crt, key] = await Promise.all(
      ['ca.pem', 'worker.pem', 'worker.key'].map((name) => readFile(file(name))),
    );
    const tls = { serverRootCACertificate: ca!, clientCertPair: { crt: crt!, key: key! } };
    const publisher = createPublisher({ clusters: [{ name: 'main', address, tls }], deadlineMs: 10_000 });
    const { key: event } = await publisher.publish('Agent.Ban', { SiteId: 7, BanType: 0, IpFromOrVisitorId: 1 });
    await publisher.close();
    const pool = createPool(database.url, { max: 1 });
    while ((await pool.query('select from event where key = $1', [event])).rowCount === 0)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await pool.end();
  }, 180_000);
});
