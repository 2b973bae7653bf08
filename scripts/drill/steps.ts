import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { migrate } from '../migrate';
import type { System } from './open-system';
import type { ClusterName, ServerName, Step } from './scenario';

const step = (says: string, run: Step['run'], isFault = false): Step => ({ says, run, isFault });
const fault = (says: string, run: Step['run']): Step => step(says, run, true);

export const wait = (seconds: number): Step => step(`${seconds} s`, async () => void (await pause(seconds * 1000)));

/** A cluster by SIGKILL, Postgres by an immediate shutdown, which is a crash to it. */
export const kill = (name: ServerName): Step => fault(`${name} killed`, ({ servers }) => servers[name].kill());

export const start = (name: ServerName): Step => step(`${name} started`, ({ servers }) => servers[name].restart());

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
export const startWorkers = (): Step => step('workers started', ({ workers }) => workers.start());

/** As a release is rolled out: the database first, then one worker after the other. */
export const upgrade = (): Step =>
  fault('the database is migrated, the workers are replaced one by one', async ({ servers, workers, release }) => {
    await migrate(servers.postgres.url);
    await workers.replace(release);
  });

export const killPublisher = (): Step => fault('publisher killed', async ({ publishers }) => publishers[0]?.kill());
export const startPublisher = (): Step => step('publisher started', async ({ publishers }) => publishers[0]?.start());

/** The steps so many times over. */
export const times = (count: number, steps: readonly Step[]): Step[] =>
  Array.from({ length: count }, () => steps).flat();
