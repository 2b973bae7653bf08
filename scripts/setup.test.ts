import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

let folder: string;
let bin: string;
let cached: string;
let mirror: Server;
let answer: { status: number; body: Buffer };
let requests: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'setup-'));
  bin = join(folder, 'bin');
  cached = join(folder, 'chat-events', 'temporal-1.8.2', 'temporal');
  await mkdir(bin);
  for (const tool of ['sh', 'tar', 'gzip', 'cp']) await symlink(await which(tool), join(bin, tool));
  requests = [];
  answer = { status: 503, body: Buffer.alloc(0) };
  mirror = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await new Promise((resolve) => mirror.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

async function which(tool: string): Promise<string> {
  return execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
}

async function script(file: string, body: string): Promise<string> {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

const temporal = (file: string, version: string): Promise<string> =>
  script(file, `echo "temporal version ${version} (Server 1.31.2, UI 2.50.1)"`);

async function archiveOf(version: string): Promise<Buffer> {
  await temporal(join(folder, 'archive', 'temporal'), version);
  execFileSync('tar', ['-czf', join(folder, 'archive.tar.gz'), '-C', join(folder, 'archive'), 'temporal']);
  return readFile(join(folder, 'archive.tar.gz'));
}

interface Outcome {
  code: number;
  out: string;
  said: string;
}

function setup(args: readonly string[], env: NodeJS.ProcessEnv = {}, root = process.cwd()): Promise<Outcome> {
  const { port } = mirror.address() as AddressInfo;
  const all = { PATH: bin, XDG_CACHE_HOME: folder, TEMPORAL_CLI_MIRROR: `http://127.0.0.1:${port}`, ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'scripts', 'setup.mjs'), ...args], { env: all }, (error, out, said) =>
      resolve({ code: error === null ? 0 : Number(error.code), out: out.trim(), said }),
    );
  });
}

test('TEMPORAL_CLI that does not work is an error, although the PATH has one that does', async () => {
  await temporal(join(bin, 'temporal'), '1.8.2');
  const { code, said } = await setup([], { TEMPORAL_CLI: join(folder, 'none') });
  expect(code).toBe(1);
  expect(said).toContain('no working Temporal CLI: there is no such file');
});

test('prefers a recent CLI on the PATH, and passes over one that is too old', async () => {
  await temporal(cached, '1.8.2');
  const onPath = await temporal(join(bin, 'temporal'), '1.7.3');
  expect((await setup(['--find-temporal'])).out).toBe(cached);
  await temporal(onPath, '1.10.0');
  expect((await setup(['--find-temporal'])).out).toBe(onPath);
});

test('downloads into the cache once, and says nothing the second time', async () => {
  answer = { status: 200, body: await archiveOf('1.8.2') };
  const first = await setup([]);
  expect(first).toMatchObject({ code: 0, out: '' });
  expect(first.said).toContain(`Temporal CLI 1.8.2 is in ${cached}`);
  expect(await setup([])).toEqual({ code: 0, out: '', said: '' });
  expect(requests).toEqual([expect.stringMatching(/^\/v1\.8\.2\?platform=\w+&arch=\w+$/)]);
});

test('two set-ups at once download once', async () => {
  answer = { status: 200, body: await archiveOf('1.8.2') };
  const both = await Promise.all([setup([]), setup([])]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(requests).toHaveLength(1);
});

test('the lock of a set-up that was killed holds nobody up', async () => {
  answer = { status: 200, body: await archiveOf('1.8.2') };
  await mkdir(join(folder, 'chat-events'));
  const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' });
  await writeFile(join(folder, 'chat-events', 'temporal-1.8.2.lock'), dead);
  expect((await setup([])).code).toBe(0);
});

test('builds with Go when the download fails, with the pinned version and the locked modules', async () => {
  await temporal(join(folder, 'built'), '1.8.2');
  const log = join(folder, 'go.log');
  await script(
    join(bin, 'go'),
    `if [ "$1" = env ]; then echo go1.27.0; exit; fi
echo "$GOTOOLCHAIN $GOFLAGS $*" > ${log}
while [ "$1" != -o ]; do shift; done
cp ${join(folder, 'built')} "$2"`,
  );
  const { code, said } = await setup([]);
  expect({ code, said }).toMatchObject({ code: 0, said: expect.stringMatching(/status 503[^]*with Go 1\.27\.0/) });
  expect(await readFile(log, 'utf8')).toMatch(
    /^local -mod=readonly build .*Version=1\.8\.2 -o .* github\.com\/temporalio\/cli/,
  );
  expect((await setup(['--find-temporal'])).out).toBe(cached);
});

test('builds the Temporal server once, each of its programs, and only when it is asked to', async () => {
  const missing = await setup(['--find-server']);
  expect(missing).toMatchObject({ code: 1, said: expect.stringMatching(/setup\.mjs --build-server/) });
  const without = await setup(['--build-server']);
  expect(without).toMatchObject({
    code: 1,
    said: expect.stringMatching(/no `go` on the PATH[^]*Go 1\.26\.4 or later/),
  });
  await script(join(folder, 'built'), 'echo temporal version 1.31.2');
  const log = join(folder, 'go.log');
  await script(
    join(bin, 'go'),
    `if [ "$1" = env ]; then echo go1.27.0; exit; fi
while [ "$1" != -o ]; do shift; done
echo "$3" >> ${log}
cp ${join(folder, 'built')} "$2"`,
  );
  const built = await setup(['--build-server']);
  const programs = join(folder, 'chat-events', 'temporal-server-1.31.2');
  expect(built).toMatchObject({ code: 0, out: programs });
  expect((await readdir(programs)).sort()).toEqual(['temporal-server', 'temporal-sql-tool', 'temporal-ui-server']);
  expect(await setup(['--build-server'])).toMatchObject({ code: 0, out: programs, said: '' });
  expect((await readFile(log, 'utf8')).trim().split('\n')).toHaveLength(3);
  expect((await setup(['--find-server'])).out).toBe(programs);
});

test('a set-up that is stopped stops what it builds', async () => {
  const pidFile = join(folder, 'go.pid');
  await script(
    join(bin, 'go'),
    `if [ "$1" = env ]; then echo go1.27.0; exit; fi; echo $$ > ${pidFile}; exec sleep 600`,
  );
  await symlink(await which('sleep'), join(bin, 'sleep'));
  const { port } = mirror.address() as AddressInfo;
  const env = { PATH: bin, XDG_CACHE_HOME: folder, TEMPORAL_CLI_MIRROR: `http://127.0.0.1:${port}` };
  const running = spawn(process.execPath, ['scripts/setup.mjs'], { env, stdio: 'ignore' });
  const building = async (): Promise<number> => Number(await readFile(pidFile, 'utf8').catch(() => ''));
  while (!((await building()) > 0)) await pause(20);
  running.kill('SIGTERM');
  expect(await once(running, 'exit')).toEqual([null, 'SIGTERM']);
  const pid = await building();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a download that is no working CLI never reaches the cache', async () => {
  answer = { status: 200, body: await archiveOf('').then((archive) => archive.subarray(0, 20)) };
  expect((await setup([])).code).toBe(1);
  await expect(readFile(cached)).rejects.toThrow(/ENOENT/);
});

test('without download and Go it says why, and each thing that would do', async () => {
  const { code, said } = await setup([]);
  expect(code).toBe(1);
  expect(said).toMatch(/failed: status 503/);
  expect(said).toMatch(/no `go` on the PATH/);
  expect(said).toMatch(/TEMPORAL_CLI set[^]*TEMPORAL_CLI_MIRROR[^]*Go 1\.26\.4 or later/);
});

test('installs packages when they are not those of the lock, and only then', async () => {
  const root = join(folder, 'checkout');
  await cp('scripts', join(root, 'scripts'), { recursive: true });
  const lock = (version: string): string => JSON.stringify({ packages: { '': {}, 'node_modules/a': { version } } });
  const npm = join(folder, 'npm-cli.js');
  await writeFile(
    npm,
    `const fs = require('node:fs');
     fs.mkdirSync('node_modules', { recursive: true });
     fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
     fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');`,
  );
  for (const version of ['1.0.0', '1.0.0', '2.0.0']) {
    await writeFile(join(root, 'package-lock.json'), lock(version));
    expect((await setup(['--packages-only'], { npm_execpath: npm }, root)).code).toBe(0);
  }
  const calls = await readFile(join(root, 'calls'), 'utf8');
  expect(calls.trim().split('\n')).toEqual(Array(2).fill('ci --ignore-scripts --loglevel=error'));
});
