import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDnsServer, type DnsAnswer } from './fake';
import { createHostResolver, sendingSite, type HostResolverOptions } from './host-resolver';

const records: Record<string, DnsAnswer> = {
  'shop.example.com': ['198.51.100.7', '2001:db8::7'],
  'old.example.com': ['198.51.100.8'],
  'new.example.com': ['2001:db8::9'],
  'crm.corp.example': ['198.51.100.10'],
  'crm.eu.corp.example': ['198.51.100.11'],
  'broken.corp.example': 'SERVFAIL',
  broken: 'SERVFAIL',
};

let server: Awaited<ReturnType<typeof startDnsServer>>;
let folder: string;

beforeAll(async () => {
  server = await startDnsServer({ answer: (name) => (name.startsWith('silent') ? 'silent' : records[name]) });
  folder = await mkdtemp(join(tmpdir(), 'names-'));
});

beforeEach(() => void (server.questions.length = 0));

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

let files = 0;
async function file(text: string): Promise<string> {
  const path = join(folder, String((files += 1)));
  await writeFile(path, text);
  return path;
}

const nowhere = '/there/is/none';
const open = (options: HostResolverOptions = {}) =>
  createHostResolver({ servers: [server.address], hostsFile: nowhere, resolvFile: nowhere, ...options });
const addressesOf = async (host: string, resolver = open()) =>
  (await resolver.resolve(host)).map(({ address }) => address);

it.each([
  ['shop.example.com', ['198.51.100.7', '2001:db8::7']],
  ['SHOP.Example.COM', ['198.51.100.7', '2001:db8::7']],
  ['old.example.com', ['198.51.100.8']],
  ['new.example.com', ['2001:db8::9']],
  ['shop.example.com.', ['198.51.100.7', '2001:db8::7']],
])('finds the addresses of both families of %s', async (host, addresses) => {
  expect(await addressesOf(host)).toEqual(addresses);
});

it.each([
  ['no.example.com', 'ENOTFOUND'],
  ['broken', 'ESERVFAIL'],
])('says of %s why it has no address', async (host, code) => {
  await expect(open().resolve(host)).rejects.toMatchObject({ code });
});

it('asks no name server for what the hosts file has, and sees its changes', async () => {
  const hostsFile = await file(
    '127.0.0.1 localhost\n# 10.9.9.9 crm\n10.1.2.3\tcrm.internal Crm # ours\n::1 localhost ip6\nfe80::1 crm\n',
  );
  const resolver = open({ hostsFile });
  expect(await addressesOf('localhost', resolver)).toEqual(['127.0.0.1', '::1']);
  expect(await addressesOf('CRM', resolver)).toEqual(['10.1.2.3', 'fe80::1']);
  expect(await addressesOf('crm.internal.', resolver)).toEqual(['10.1.2.3']);
  await writeFile(hostsFile, '10.1.2.4 crm\n');
  expect(await addressesOf('crm', resolver)).toEqual(['10.1.2.4']);
  expect(server.questions).toEqual([]);
});

it.each(['localhost', 'localhost.', 'shop.LOCALHOST'])('never asks a name server for %s', async (host) => {
  expect(await addressesOf(host)).toEqual(['127.0.0.1', '::1']);
  expect(server.questions).toEqual([]);
});

it.each([
  ['search corp.example', 'crm', ['crm.corp.example', 'crm']],
  ['search none.example eu.corp.example.', 'crm', ['crm.none.example', 'crm.eu.corp.example', 'crm']],
  ['search eu.corp.example\ndomain corp.example', 'crm', ['crm.corp.example', 'crm']],
  ['domain corp.example', 'crm', ['crm.corp.example', 'crm']],
  ['search corp.example', 'crm.eu', ['crm.eu', 'crm.eu.corp.example']],
  ['search corp.example\noptions timeout:1 ndots:2', 'crm.eu', ['crm.eu.corp.example', 'crm.eu']],
  ['search corp.example\noptions ndots:5', 'shop.example.com', ['shop.example.com.corp.example', 'shop.example.com']],
  ['search corp.example\noptions ndots:5', 'shop.example.com.', ['shop.example.com']],
])('with %j in resolv.conf asks for %s in the order of the system', async (text, host, asked) => {
  const resolvFile = await file(`nameserver 10.255.255.1\n; comment\n${text}\n`);
  expect(await addressesOf(host, open({ resolvFile }))).toHaveLength(host.startsWith('shop') ? 2 : 1);
  expect([...new Set(server.questions)]).toEqual(asked);
});

it('goes on to the next search domain when the server of one fails, and says so when nothing is found', async () => {
  const resolvFile = await file('search corp.example\n');
  await expect(open({ resolvFile }).resolve('broken')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  expect([...new Set(server.questions)]).toEqual(['broken.corp.example', 'broken']);
});

it('ends at its deadline when the name server is silent, search domains included', async () => {
  const resolvFile = await file('search a.example b.example c.example\n');
  const started = performance.now();
  await expect(open({ resolvFile, deadlineMs: 300 }).resolve('silent')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  expect(performance.now() - started).toBeGreaterThanOrEqual(290);
  expect([...new Set(server.questions)]).toEqual(
    ['a.example', 'b.example', 'c.example'].map((domain) => `silent.${domain}`).concat('silent'),
  );
});

it.each([
  ['silent', 'corp.example other.example'],
  ['silent, then the name is found under another domain', 'corp.example eu.corp.example'],
  ['REFUSED', 'refused.example'],
])('a search domain whose server is %s leaves time for the others', async (_says, search) => {
  const before = server.script.answer;
  server.script.answer = (name) => {
    if (name === 'hooks.example.com.refused.example') return 'REFUSED';
    if (name === 'hooks.example.com.corp.example' || name.endsWith('.other.example')) return 'silent';
    return name === `hooks.example.com${search.includes('eu.') ? '.eu.corp.example' : ''}`
      ? ['198.51.100.8']
      : undefined;
  };
  const resolvFile = await file(`search ${search}\noptions ndots:5\n`);
  expect(await addressesOf('hooks.example.com', open({ resolvFile, deadlineMs: 1_000 }))).toEqual(['198.51.100.8']);
  server.script.answer = before;
});

it('says that a search domain was silent where the name as it is does not exist', async () => {
  const resolvFile = await file('search silent.example\noptions ndots:5\n');
  const before = server.script.answer;
  server.script.answer = (name) => (name.endsWith('silent.example') ? 'silent' : undefined);
  const { resolve } = open({ resolvFile, deadlineMs: 300 });
  await expect(resolve('hooks.example.com')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  server.script.answer = before;
});

it('asks for the name under a domain when the server of the name as it is refuses', async () => {
  const resolvFile = await file('search eu.corp.example\n');
  const before = server.script.answer;
  server.script.answer = (name) => (name === 'crm.internal' ? 'REFUSED' : ['198.51.100.8']);
  expect(await addressesOf('crm.internal', open({ resolvFile }))).toEqual(['198.51.100.8']);
  server.script.answer = before;
});

it('asks once for all who want a host meanwhile, and anew afterwards', async () => {
  const resolver = open();
  const all = await Promise.all(Array.from({ length: 20 }, () => addressesOf('old.example.com', resolver)));
  expect(all).toEqual(all.map(() => ['198.51.100.8']));
  expect(server.questions).toHaveLength(2); // A and AAAA
  await addressesOf('old.example.com', resolver);
  expect(server.questions).toHaveLength(4);
});

it('does not wait for IPv6 addresses that do not come', async () => {
  const answer = server.script.answer;
  let asked = 0;
  server.script.answer = (name) => (name === 'half.example' && (asked += 1) === 1 ? 'silent' : ['198.51.100.8']);
  expect(await addressesOf('half.example')).toEqual(['198.51.100.8']);
  server.script.answer = answer;
});

it('ends with the last send that waits, and not before', async () => {
  const resolver = open();
  const [first, second] = [resolver.hold('silent.example'), resolver.hold('silent.example')];
  let hasEnded = false;
  const code = resolver
    .resolve('silent.example')
    .catch((error: NodeJS.ErrnoException) => error.code)
    .finally(() => (hasEnded = true));
  await server.next();
  first();
  first();
  await new Promise(setImmediate);
  expect(hasEnded).toBe(false);
  second();
  expect(await code).toBe('ECANCELLED');
});

it('begins anew for a send that comes when the last one has just left', async () => {
  const resolver = open();
  const leave = resolver.hold('silent-first.example');
  const answer = addressesOf('silent-first.example', resolver);
  await server.next();
  leave();
  resolver.hold('silent-first.example');
  const before = server.script.answer;
  server.script.answer = () => ['198.51.100.8'];
  expect(await answer).toEqual(['198.51.100.8']);
  server.script.answer = before;
});

it('looks up ten hosts of a site at the same time, at most, independent of other sites', async () => {
  const resolver = open();
  const hosts = Array.from({ length: 12 }, (_, n) => `silent-${n}.example`);
  const leaving = sendingSite.run('a', () => hosts.map((host) => resolver.hold(host)));
  const looked = hosts.map((host) => resolver.resolve(host).catch(({ code }: NodeJS.ErrnoException) => code));
  expect(await Promise.race([looked[10], looked[9]])).toBe('TOO_MANY_LOOK_UPS');
  const leave = sendingSite.run('b', () => resolver.hold('old.example.com'));
  expect(await addressesOf('old.example.com', resolver)).toEqual(['198.51.100.8']);
  leave();
  for (const one of leaving) one();
  expect(await Promise.all(looked)).toEqual([...Array(10).fill('ECANCELLED'), ...Array(2).fill('TOO_MANY_LOOK_UPS')]);
});
