import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { hashToken, parseTokens } from '../ingress/token-file';
import type { Ops } from './open-ops';
import { addTokenCommands } from './tokens';

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tokens-'));
  file = join(dir, 'tokens.json');
});

afterEach(() => rmSync(dir, { recursive: true }));

/** What the command prints. */
async function tokens(...args: string[]): Promise<string> {
  const said: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => said.push(String(chunk)) > 0);
  const group = new Command('tokens').exitOverride().configureOutput({ writeErr: () => {} });
  const ops: Pick<Ops, 'environment'> = { environment: async () => ({ INGRESS_TOKENS_FILE: file }) };
  addTokenCommands(group, ops as Ops); // it needs no more of it
  try {
    await group.parseAsync(args, { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return said.join('');
}

const add = async (name: string, ...sites: string[]) => {
  const args = sites.flatMap((site) => ['--site', site]);
  return JSON.parse(await tokens('add', name, ...args, '--json')) as { id: string; token: string };
};

test('a token is shown once: the file has its hash and its sites, and only its owner may read it', async () => {
  const { id, token } = await add('chat-1', '10001', '010002', '10001');
  const text = readFileSync(file, 'utf8');
  expect(text).not.toContain(token);
  expect(parseTokens(text)).toEqual([
    {
      name: 'chat-1',
      sites: ['10001', '10002'],
      sha256: hashToken(token).toString('hex'),
      createdAt: expect.any(String),
    },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await tokens('list')).toMatch(new RegExp(`${id} +chat-1 +10001,10002 `));
});

test('two tokens of one name are good at once, and each is removed by its id; the file keeps its mode', async () => {
  const first = await add('chat-1', '*');
  chmodSync(file, 0o640);
  const second = await add('chat-1', '*');
  expect(JSON.parse(await tokens('list', '--json'))).toMatchObject([
    { id: first.id, sites: '*' },
    { id: second.id, sites: '*' },
  ]);
  await tokens('remove', first.id);
  expect(JSON.parse(await tokens('list', '--json'))).toMatchObject([{ id: second.id }]);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  await expect(tokens('remove', first.id)).rejects.toThrow(`There is no token ${first.id}`);
});

test('a name that the file could not have, a site that is none, and a file of another kind are refused', async () => {
  await expect(add('chat 1', '*')).rejects.toThrow('letters, digits');
  await expect(add('chat-1', 'acme')).rejects.toThrow('xpected');
  writeFileSync(file, '{"tokens":[{"token":"secret"}]}');
  await expect(tokens('list')).rejects.toThrow(/cannot be read as a file of tokens: tokens\.0\.name/);
});

test('commands at once change the file one after the other', async () => {
  const first = await add('chat-1', '*');
  await Promise.all([
    tokens('remove', first.id),
    ...['2', '3', '4', '5'].map((name) => tokens('add', name, '--site', '*')),
  ]);
  expect(
    parseTokens(readFileSync(file, 'utf8'))
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['2', '3', '4', '5']);
  expect(readdirSync(dir)).toEqual(['tokens.json']);
});

test('what a killed command has left is named, and nothing is changed', async () => {
  const { id } = await add('chat-1', '*');
  writeFileSync(`${file}.new`, '{"tok');
  await expect(tokens('remove', id)).rejects.toThrow(/tokens\.json\.new is there.* remove it and try again/);
  rmSync(`${file}.new`);
  await tokens('remove', id);
  expect(await tokens('list')).toContain('There is no token.');
});
