import { execFile, type ChildProcess, type ExecFileException } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createSecretBox, newSecretsKey } from '../activities/connections/secret-box';
import { createPool } from '../db/pool';
import { runOps } from '../ops/run-ops';
import { compiled } from './compiled';
import { createDatabase } from './database';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  /** Over a database, a key, and 127.0.0.1 as an address that webhooks may call. */
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input. */
  readonly input?: string;
}

type Done = (error: ExecFileException | null, stdout: string, stderr: string) => void;

/**
 * The operator's command line, on a database of its own and in a folder where nothing runs. Commands run in this process, one at a time:
 * a process for each would take a second to start.
 */
export async function openOpsCommand(environment: NodeJS.ProcessEnv = {}) {
  const database = await createDatabase();
  const pool = createPool(database.url);
  const dir = await mkdtemp(join(tmpdir(), 'ops-'));
  const key = newSecretsKey();
  const seen = { printed: '' };

  /** @param args with spaces between them */
  const ops = (args: string, surroundings?: Surroundings): Promise<Outcome> => run(args.split(' '), surroundings);

  async function run(args: readonly string[], { env = {}, input = '' }: Surroundings = {}): Promise<Outcome> {
    const outcome = await inThisProcess(args, { dir, env: environmentOf(env), input });
    seen.printed += outcome.stdout + outcome.stderr;
    return outcome;
  }

  const environmentOf = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
    PATH: process.env['PATH'],
    DATABASE_URL: database.url,
    SECRETS_KEY: key,
    ALLOWED_ADDRESSES: '127.0.0.1',
    ...environment,
    ...env,
  });

  function start(args: readonly string[], env: NodeJS.ProcessEnv, done: Done = () => {}): ChildProcess {
    return execFile(process.execPath, [compiled('ops/main'), ...args], { cwd: dir, env: environmentOf(env) }, done);
  }

  /** In a process of its own, as people run it. */
  const runProcess = (args: string): Promise<Outcome> =>
    new Promise((resolve) => {
      start(args.split(' '), {}, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });

  /** Ends it when it has said that on the standard error. @returns all that it has said there */
  function untilSaid(args: string, text: string, env: NodeJS.ProcessEnv): Promise<string> {
    const child = start(args.split(' '), env);
    return new Promise((resolve) => {
      let said = '';
      child.stderr?.on('data', (chunk: string) => {
        said += chunk;
        if (said.includes(text) && said.endsWith('\n')) child.kill('SIGKILL');
      });
      child.once('close', () => resolve(said));
    });
  }

  const rowOf = async (name: string) => (await pool.query('select * from connection where name = $1', [name])).rows[0];
  return {
    ops,
    runProcess,
    untilSaid,
    /** With arguments that have spaces in them. */
    run,
    pool,
    /** The folder that it runs in. */
    dir,
    /** DATABASE_URL. */
    url: database.url,
    /** SECRETS_KEY. */
    key,
    /** What all runs have printed. */
    seen,
    /** A connection's row, by its name. */
    rowOf,
    secretsOf: async (name: string, withKey = key) => {
      const { id, secrets, secrets_key_id: keyId } = await rowOf(name);
      return createSecretBox(withKey).open(id, { keyId, bytes: secrets });
    },
    async close(): Promise<void> {
      await pool.end();
      await database.drop();
      await rm(dir, { recursive: true });
    },
  };
}

/** Runs a command as a process of its own would, with this folder, this environment alone, and this standard input. */
async function inThisProcess(
  args: readonly string[],
  { dir, env, input }: { readonly dir: string; readonly env: NodeJS.ProcessEnv; readonly input: string },
): Promise<Outcome> {
  const said = { stdout: '', stderr: '' };
  const before = { dir: process.cwd(), env: process.env, stdin: process.stdin };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((chunk) => {
      said[name] += String(chunk);
      return true;
    }),
  );
  process.chdir(dir);
  process.env = env;
  Object.defineProperty(process, 'stdin', { value: Readable.from([Buffer.from(input)]), configurable: true });
  try {
    return { code: await runOps(args), ...said };
  } finally {
    Object.defineProperty(process, 'stdin', { value: before.stdin, configurable: true });
    process.env = before.env;
    process.chdir(before.dir);
    for (const spy of spies) spy.mockRestore();
  }
}
