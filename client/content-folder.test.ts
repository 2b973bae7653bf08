import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiled } from '../tests/compiled';
import { ContentFolder } from './content-folder';
import { ContentStoreError } from './content-store';

let parent: string;
let dir: string;
let folder: ContentFolder;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'content-folder-'));
  dir = join(parent, 'folder');
  folder = new ContentFolder(dir);
  await folder.prepare();
});

afterEach(() => rm(parent, { recursive: true, force: true }));

const put = (text: string) => folder.put([Buffer.from(text)]);
const long = new Date(Date.now() - 3_600_000);
/** Without the marker. */
const contents = async () => (await readdir(dir)).filter((name) => /^[0-9a-f]{64}/.test(name));
const minuteAgo = () => Date.now() - 60_000;

async function old(): Promise<string[]> {
  const names: string[] = [];
  for await (const name of folder.listOld(minuteAgo(), performance.now() + 60_000)) names.push(name);
  return names;
}

it('keeps one file for the same content, however often and at once it is put, and no other user may read it', async () => {
  const names = await Promise.all([put('same'), put('same'), folder.put([Buffer.from('sa'), Buffer.from('me')])]);
  expect(new Set([...names, await put('same')]).size).toBe(1);
  expect(await contents()).toEqual([names[0]]);
  expect((await folder.get(names[0] ?? '')).toString()).toBe('same');
  expect((await stat(join(dir, names[0] ?? ''))).mode & 0o777).toBe(0o600);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
});

it('does not wait for a folder that hangs', async () => {
  const impatient = new ContentFolder(dir, 200);
  const name = 'a'.repeat(64);
  execFileSync('mkfifo', [join(dir, name)]); // opening it waits for somebody who writes
  await expect(impatient.get(name)).rejects.toThrow(
    `${name} of a large event cannot be read (it does not answer within 0.2 s)`,
  );
  await writeFile(join(dir, name), ''); // lets the thread go that waits
});

it('says which file is gone, and which was changed, and mends it when the content is put again', async () => {
  const name = await put('content');
  await writeFile(join(dir, name), 'contents');
  await expect(folder.get(name)).rejects.toThrow(`${name} of a large event was changed. Bring it back`);
  await put('content');
  expect((await folder.get(name)).toString()).toBe('content');
  await rm(join(dir, name));
  await expect(folder.get(name)).rejects.toThrow(`${name} of a large event is gone. See that this folder`);
});

it('reads nothing outside of the folder', async () => {
  await expect(folder.get('../../etc/passwd')).rejects.toThrow('is damaged');
});

it('has whole files only, whenever a writer is killed', async () => {
  const code = `const { ContentFolder } = require(${JSON.stringify(compiled('client/content-folder'))});
    const folder = new ContentFolder(${JSON.stringify(dir)});
    (async () => { for (let i = 0; ; i++) {
      await folder.put([Buffer.alloc(4_000_000, 'content ' + i)]);
      console.log(i);
    } })();`;
  const writer = spawn(process.execPath, ['--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let written = 0;
  for await (const line of writer.stdout) if ((written += String(line).split('\n').length - 1) >= 5) break;
  const killed = once(writer, 'exit');
  writer.kill('SIGKILL');
  await killed;
  const names = (await contents()).filter((name) => !name.includes('.'));
  expect(names.length).toBeGreaterThanOrEqual(5);
  for (const name of names) {
    const content = await readFile(join(dir, name));
    expect(createHash('sha256').update(content).digest('hex')).toBe(name);
  }
});

it('takes no notice of what a writer that died has left, and lists it', async () => {
  const name = await put('content');
  const half = `${name}.9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d`;
  await writeFile(join(dir, half), 'con');
  await utimes(join(dir, half), long, long);
  await put('content');
  expect((await folder.get(name)).toString()).toBe('content');
  expect(await old()).toEqual([half]);
});

it('lists nothing that is not its own', async () => {
  await writeFile(join(dir, 'invoice.pdf'), '');
  await utimes(join(dir, 'invoice.pdf'), long, long);
  expect(await old()).toEqual([]);
});

it('removes only files that no process has used for long', async () => {
  const name = await put('content');
  expect(await old()).toEqual([]);
  expect(await folder.remove(name, minuteAgo())).toBe(false); // somebody has put it since it was found old
  await utimes(join(dir, name), long, long);
  expect(await old()).toEqual([name]);
  await folder.get(name);
  expect(await old()).toEqual([]);
  await utimes(join(dir, name), long, long);
  await put('content');
  expect(await old()).toEqual([]);
  await utimes(join(dir, name), long, long);
  expect(await Promise.all([1, 2, 3].map(() => folder.remove(name, minuteAgo())))).toEqual(
    expect.arrayContaining([true, false, false]),
  );
  expect(await contents()).toEqual([]);
});

it('says what to do where it cannot be used', async () => {
  await writeFile(join(parent, 'file'), '');
  const refused = new ContentFolder(join(parent, 'file')).prepare();
  await expect(refused).rejects.toThrow(ContentStoreError);
  await expect(refused).rejects.toThrow(/file, cannot be used: EEXIST\. This user must be able to make, write/);
  expect(await readdir(dir)).toHaveLength(1); // the probe leaves nothing behind but the mark
});

it('takes nothing where no worker looks', async () => {
  const other = new ContentFolder(join(parent, 'othre'));
  const refused = other.put([Buffer.from('content')]);
  await expect(refused).rejects.toThrow(
    /othre, cannot be used: no worker uses it\. Correct the path, or start a worker/,
  );
  expect(await readdir(parent)).toEqual(['folder']);
});
