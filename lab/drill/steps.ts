import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { migrate } from '../../prisma/migrate';
import { endOtherSessions } from '../queries/end-other-sessions';
import type { System } from './open-system';
import type { DestinationName } from './outages';
import type { Step } from './scenario';
import type { ClusterName, ServerName } from './set-up';

const step = (says: string, run: Step['run'], isFault = false): Step => ({ says, run, isFault });
const fault = (says: string, run: Step['run']): Step => step(says, run, true);

export const wait = (seconds: number): Step => step(`${seconds} s`, async () => void (await pause(seconds * 1000)));

/** A cluster by SIGKILL, Postgres by an immediate shutdown, which is a crash to it. */
export const kill = (name: ServerName): Step => fault(`${name} killed`, ({ servers }) => servers[name].kill());

export const start = (name: ServerName): Step => step(`${name} started`, ({ servers }) => servers[name].restart());

/** In order: it tells every session that it ends, with 57P01. */
export const shutDownPostgres = (): Step => fault('postgres shut down', ({ servers }) => servers.postgres.stop());

/** As an administrator or a pooler ends them: with 57P01, while the server goes on. */
export const endSessions = (): Step => fault('sessions of postgres ended', ({ db }) => endOtherSessions(db));

export const freeze = (name: ServerName): Step =>
  fault(`${name} stopped (SIGSTOP)`, (system) => signal(system, name, 'SIGSTOP'));

export const thaw = (name: ServerName): Step =>
  step(`${name} goes on (SIGCONT)`, (system) => signal(system, name, 'SIGCONT'));

async function signal({ servers }: System, name: ServerName, sent: NodeJS.Signals): Promise<void> {
  const { pid } = servers[name];
  if (pid !== undefined) process.kill(pid, sent);
}

/** Its disk is replaced by an empty one. */
export const empty = (name: ClusterName): Step =>
  fault(`data of ${name} deleted`, async ({ folder }) => {
    for (const end of ['', '-wal', '-shm']) await rm(join(folder, name, `temporal.db${end}`), { force: true });
  });

export const cutNetwork = (): Step => fault('network to main cut', async ({ network }) => network?.freeze());
export const healNetwork = (): Step => step('network back', async ({ network }) => network?.thaw());

export const killWorkers = (): Step => fault('all workers killed', ({ workers }) => workers.kill());
/** The nth of them, counted from 0. */
export const killWorker = (n: number): Step => fault(`worker ${n + 1} killed`, ({ workers }) => workers.killOne(n));
/** Its servers may be away: not waited for. */
export const startWorker = (n: number): Step => step(`worker ${n + 1} started`, ({ workers }) => workers.startOne(n));

export const startWorkers = (): Step => step('workers started', ({ workers }) => workers.start());

/** As a release is rolled out: the database first, then one worker after the other. */
export const upgrade = (): Step =>
  fault('the database is migrated, the workers are replaced one by one', async ({ servers, workers, release }) => {
    await migrate(servers.postgres.url);
    await workers.replace(release);
  });

export const killPublisher = (): Step => fault('publisher killed', async ({ publishers }) => publishers[0]?.kill());
export const startPublisher = (): Step => step('publisher started', async ({ publishers }) => publishers[0]?.start());

/** The server of a kind of destination, for all sites. */
export const beginOutage = (name: DestinationName): Step =>
  fault(`${name} killed`, async ({ outages }) => outages.begin(name));
export const endOutage = (name: DestinationName): Step =>
  step(`${name} started`, async ({ outages }) => outages.end(name));

export const silenceNames = (): Step =>
  fault(`the name server says nothing of one site's endpoint`, async ({ names }) => names?.silence());
export const answerNames = (): Step => step('the name server answers', async ({ names }) => names?.answer());

/** The steps so many times over. */
export const times = (count: number, steps: readonly Step[]): Step[] =>
  Array.from({ length: count }, () => steps).flat();
