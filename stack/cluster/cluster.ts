import { parseArgs } from 'node:util';
import { describeCluster, type ClusterStatus, type ServerStatus } from './describe-cluster';
import { buildServer } from './find-server';
import { DEFAULT_FOLDER, DEFAULT_PORT, layOut } from './lay-out';
import { oneAtATime } from './one-at-a-time';
import { startCluster } from './start-cluster';
import { stopCluster } from './stop-cluster';

const USAGE = `npm run cluster -- start     two Temporal servers, main and standby, on PostgreSQL, with the configuration of deploy/
npm run cluster -- status    each server, its address, and whether it is well; exit code 1 if one is not
npm run cluster -- stop      ends the servers that start has started; the data stays

They go on after the command. PostgreSQL is the one of DATABASE_URL, whose user may make databases, else an embedded one.
--folder PATH   keeps everything of it, default ${DEFAULT_FOLDER}
--port N        of main's frontend, default ${DEFAULT_PORT}; standby's is 1,000 above
--json          as JSON, with the whole address of PostgreSQL`;

/** Thrown when the command line is wrong; the message shows the right one. */
class UsageError extends Error {}

async function main(): Promise<number> {
  const { command, folder, port, json } = readArguments();
  const layout = layOut(folder, port);
  const show = async (said: string): Promise<number> => {
    const status = await describeCluster(layout);
    console.log(json ? JSON.stringify(status, undefined, 2) : `${said}${describe(status, folder)}`);
    return status.up ? 0 : 1;
  };
  if (command === 'status') return await show('');
  return await oneAtATime(layout.folder, async () => {
    if (command === 'stop') {
      const ended = await stopCluster(layout);
      console.log(
        json ? JSON.stringify({ ended }) : ended.length === 0 ? 'Nothing runs here.' : `Ended ${ended.join(', ')}.`,
      );
      return 0;
    }
    const programs = await buildServer();
    const started = await startCluster({ layout, programs, databaseUrl: process.env['DATABASE_URL'] });
    return await show(started.length === 0 ? 'All of it runs already:\n' : `Started ${started.join(', ')}:\n`);
  });
}

function readArguments() {
  const options = {
    folder: { type: 'string', default: DEFAULT_FOLDER },
    port: { type: 'string', default: String(DEFAULT_PORT) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = parse(() => parseArgs({ options, allowPositionals: true }));
  const [command = 'help', ...more] = positionals;
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 2_000 || port > 60_000) throw new UsageError('--port: from 2000 to 60000.');
  if (values.help || more.length > 0 || !isCommand(command)) throw new UsageError(USAGE);
  return { ...values, command, port };
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`); // parseArgs throws nothing else
  }
}

const isCommand = (text: string): text is 'start' | 'stop' | 'status' => ['start', 'stop', 'status'].includes(text);

function describe({ postgres, servers }: ClusterStatus, folder: string): string {
  const lines = [`  PostgreSQL  ${describePostgres(postgres)}`, ...servers.flatMap(describeServer)];
  const [main, standby] = servers;
  const ready = servers.every(({ healthy }) => healthy);
  if (ready && postgres.pid !== null)
    lines.push(
      '',
      'A worker on both, which makes namespace and search attributes:',
      `  export DATABASE_URL="$(cat ${folder}/database-url)"`,
      '  npm run migrate && npm run seed',
      `  TEMPORAL_ADDRESS=${main?.address} TEMPORAL_STANDBY_ADDRESS=${standby?.address} node --import tsx workers/main.ts`,
    );
  return lines.join('\n');
}

function describePostgres({ pid, answers, url }: ClusterStatus['postgres']): string {
  if (url === null) return 'was never started';
  const { host, pathname } = new URL(url);
  const whose = pid === null ? '' : ` (process ${pid})`;
  return `${answers ? 'up' : 'DOWN'}  ${host}${pathname}${whose}`;
}

function describeServer({ name, address, uiUrl, metricsUrl, pid, uiPid, healthy, readsStore }: ServerStatus): string[] {
  const title = name.padEnd(10);
  if (pid === null) return [`  ${title}  DOWN`];
  const state = healthy && readsStore ? 'up' : healthy ? 'ITS DATABASE DOES NOT ANSWER' : 'DOES NOT SERVE';
  return [
    `  ${title}  ${state}  ${address} (process ${pid})`,
    `  ${''.padEnd(10)}  Web UI ${uiPid === null ? 'DOWN' : uiUrl}, metrics ${metricsUrl}`,
  ];
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
