import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

interface Command {
  readonly program: string;
}

it('starts each command of package.json, and each by a program that is there', async () => {
  const script = `import { commands } from './scripts/commands.mjs'; console.log(JSON.stringify(commands));`;
  const written = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const commands: Record<string, Command> = JSON.parse(written);
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  expect(scripts).toEqual(
    Object.fromEntries(Object.keys(commands).map((name) => [name, `node scripts/run.mjs ${name}`])),
  );
  expect(Object.values(commands).filter(({ program }) => !existsSync(program))).toEqual([]);
});

describe('a command', () => {
  let root: string;
  let child: ChildProcess;
  let said: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'run-'));
    await cp('scripts', join(root, 'scripts'), { recursive: true });
    await writeFile(join(root, 'package-lock.json'), '{ "packages": {} }'); // so that nothing is installed
    await symlink(resolve('node_modules'), join(root, 'node_modules'));
    await writeFile(
      join(root, 'scripts', 'start.ts'),
      `const { UV_THREADPOOL_SIZE, MALLOC_MMAP_THRESHOLD_ }: NodeJS.ProcessEnv = process.env;
       process.once('SIGINT', () => process.exit(3));
       process.stdin.on('end', () => process.exit(7)).resume();
       console.log(JSON.stringify([process.argv.slice(2), UV_THREADPOOL_SIZE, MALLOC_MMAP_THRESHOLD_]));`,
    );
    const temporal = join(root, 'temporal');
    await writeFile(temporal, '#!/bin/sh\necho "temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)"\n', { mode: 0o755 });
  });

  afterAll(() => rm(root, { recursive: true }));

  /** Resolves when the program has said something. */
  async function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
    said = '';
    child = spawn(process.execPath, ['scripts/run.mjs', ...args], {
      cwd: root,
      env: { ...process.env, UV_THREADPOOL_SIZE: undefined, TEMPORAL_CLI: join(root, 'temporal'), ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [first] = await once(child.stdout!.setEncoding('utf8'), 'data');
    said += first;
  }

  it('gets its arguments, its settings, standard input, and gives its exit code', async () => {
    await start(['start', '--', 'a b', '--json'], { UV_THREADPOOL_SIZE: '4' });
    child.stdin!.end();
    expect(await once(child, 'exit')).toEqual([7, null]);
    expect(JSON.parse(said)).toEqual([['--', 'a b', '--json'], '4', '1048576']);
  });

  it('gets a signal, and decides how it ends', async () => {
    await start(['start']);
    expect(JSON.parse(said)).toEqual([[], '16', '1048576']);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([3, null]);
  });

  it('that a signal ends is seen to have ended by it', async () => {
    await start(['start']);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  });
});
