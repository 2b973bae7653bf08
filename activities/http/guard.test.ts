import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import type { HostResolver } from './dns/host-resolver';
import { readRange } from './address-range';
import { createGuardedAgent, ForbiddenAddress } from './guard';

let server: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  server = createServer((_, response) => response.end('reached'));
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '::', resolve)); // every local address, of either family
  port = (server.address() as AddressInfo).port; // it listens on TCP
});

beforeEach(() => (connections = 0));
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** What a name server answers, one answer per question. */
const answering = (...answers: string[][]): HostResolver => ({
  resolve: async () =>
    ((answers.length > 1 ? answers.shift() : answers[0]) ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    })),
  hold: () => () => {},
});

async function call(url: string, allowedAddresses: string[] = [], resolver?: HostResolver): Promise<number> {
  const agent = createGuardedAgent({ allowedAddresses, ...(resolver && { resolver }) });
  try {
    const { statusCode, body } = await request(url, { dispatcher: agent, signal: AbortSignal.timeout(5_000) });
    await body.dump();
    return statusCode;
  } finally {
    await agent.destroy();
  }
}

/** 127.0.0.1 and other addresses of this machine and its neighbours, as hosts of an address that somebody enters. */
const hosts = `
  127.0.0.1 127.1 127.0.1 127.255.255.254 127.0.0.2 127.8.8.8 2130706433 017700000001 0x7f000001 0x7f.1
  0x7f.0.0.1 0177.0.0.1 0177.1 0x7F.0X0.0.01 127.0.0.1. 127.0.0.0x1 00000177.0.0.1 0x7f.0x0.0x0.0x1 0177.0.0.01
  127.0.0.01 127.0.00.1 0x00007f.1 0 0.0.0.0 0x0 00 0.1 0.0.0.1 00.0x0.0.0 0.255.255.255 10.0.0.1 10.1 167772161
  0xa000001 012.0.0.1 10.255.255.255 0xa.0.0.1 10.0.258 172.16.0.1 172.31.255.255 172.16.1 2886729729 0xac100001
  0254.16.0.1 192.168.0.1 192.168.1 192.168.65535 3232235521 0xc0a80001 0300.0250.0.1 192.168.0.1.
  169.254.169.254 169.254.1 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 100.64.0.1 100.127.255.254
  1681915905 100.100.100.200 192.0.0.192 192.0.2.1 198.51.100.1 203.0.113.1 198.18.0.1 198.19.255.255
  192.88.99.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 4294967295 0xffffffff 037777777777 192.0.0.8
  [::1] [0:0:0:0:0:0:0:1] [0000::0001] [::] [0::0] [::127.0.0.1] [::7f00:1] [::ffff:127.0.0.1] [::ffff:7f00:1]
  [0:0:0:0:0:ffff:127.0.0.1] [::FFFF:10.0.0.1] [::ffff:a9fe:a9fe] [::ffff:0.0.0.0] [::ffff:192.168.0.1]
  [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::a00:1] [64:ff9b:1::7f00:1] [64:ff9b::169.254.169.254]
  [2002:7f00:1::] [2002:a9fe:a9fe::] [2002:c0a8:1::1] [2001::1] [2001:0:7f00:1::] [fe80::1] [febf::1] [fec0::1]
  [fc00::1] [fd00:ec2::254] [fdff::1] [ff02::1] [ff0e::1] [2001:db8::1] [100::1] [2001:10::1] [2001:20::1]
  [5f00::1] １２７.０.０.１ 127。0。0。1 ①②⑦.⓪.⓪.① %31%32%37.0.0.1 user@127.0.0.1 example.com@127.0.0.1
  example.com:pass@[::1] localhost LOCALHOST LocalHost
`
  .trim()
  .split(/\s+/);

it('knows at least a hundred hostile hosts', () => {
  expect(new Set(hosts).size).toBe(hosts.length);
  expect(hosts.length).toBeGreaterThanOrEqual(100);
});

it.each(hosts)('does not call https://%s', async (host) => {
  await expect(call(`https://${host}/`)).rejects.toBeInstanceOf(ForbiddenAddress);
});

it.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433'])(
  'sends no byte to %s, where something listens',
  async (host) => {
    for (const scheme of ['http', 'https']) {
      await expect(call(`${scheme}://${host}:${port}/`)).rejects.toBeInstanceOf(ForbiddenAddress);
    }
    expect(connections).toBe(0);
  },
);

it.each([
  ['a name that leads to a private address', answering(['10.0.0.1'])],
  ['one bad answer among good ones', answering(['93.184.216.34', '127.0.0.1'])],
  ['an IPv6 answer that is a private IPv4 address', answering(['::ffff:169.254.169.254'])],
  ['NAT64', answering(['64:ff9b::a9fe:a9fe'])],
])('does not call %s', async (_, resolver) => {
  await expect(call('https://example.com/', [], resolver)).rejects.toBeInstanceOf(ForbiddenAddress);
});

it('judges a name anew for every connection, so that it cannot change afterwards', async () => {
  const rebinding = answering(['127.0.0.1'], ['10.0.0.1']);
  const url = `http://rebind.example:${port}/`;
  expect(await call(url, ['127.0.0.1'], rebinding)).toBe(200);
  await expect(call(url, ['127.0.0.1'], rebinding)).rejects.toBeInstanceOf(ForbiddenAddress);
  expect(connections).toBe(1);
});

it.each([
  'http://93.184.216.34/',
  'http://93.184.216.34:443/',
  'https://93.184.216.34:22/',
  'https://[2606:4700::1111]:25/',
])('calls a public address by https on usual ports only, not %s', async (url) => {
  await expect(call(url)).rejects.toMatchObject({ code: 'FORBIDDEN_ADDRESS', message: /Only https/ });
});

it.each([['127.0.0.1'], ['127.0.0.0/8'], ['10.0.0.0/8', '127.0.0.1/32'], ['::ffff:127.0.0.0/104']])(
  'calls what is allowed: %s',
  async (...ranges) => {
    expect(await call(`http://127.0.0.1:${port}/`, ranges)).toBe(200);
    expect(await call(`http://[::ffff:127.0.0.1]:${port}/`, ranges)).toBe(200);
    await expect(call(`http://[::1]:${port}/`, ranges)).rejects.toBeInstanceOf(ForbiddenAddress);
  },
);

it.each(['93.184.216.34', '2606:4700::1111', '8.8.8.8'])('dials the public address %s', async (address) => {
  // There is no way out of here: that it tries is what shows that it may.
  const agent = createGuardedAgent({ allowedAddresses: [], resolver: answering([address]) });
  const failure = await request('https://example.com/', { dispatcher: agent, signal: AbortSignal.timeout(300) }).catch(
    (error: unknown) => error,
  );
  expect(failure).not.toBeInstanceOf(ForbiddenAddress);
  await agent.destroy();
});

it.each(['localhost', '10.0.0.0/40', '', '10.0.0.256', 'example.com/8'])('refuses %j in the configuration', (text) => {
  expect(() => readRange(text)).toThrow('neither an IP address nor a range');
});

const usual = 'Only https on the ports 443 and 8443.';

it.each([
  ['https://example.com/hook', [], undefined],
  ['https://example.com:8443/hook', [], undefined],
  ['https://localhost/hook', [], undefined], // where a name leads is judged when it is called
  ['https://93.184.216.34/hook', [], undefined],
  ['https://example.com:9443/hook', [], usual],
  ['http://example.com/hook', [], usual],
  ['http://example.com:443/hook', [], usual],
  ['http://localhost:8080/hook', [], usual],
  ['https://93.184.216.34:22/hook', ['10.0.0.0/8'], usual],
  ['https://10.0.0.8/hook', [], 'The address is not public.'],
  ['https://[::1]/hook', ['127.0.0.1'], 'The address is not public.'],
  ['https://0x7f.1/hook', [], 'The address is not public.'],
  ['http://10.0.0.8:8080/hook', ['10.0.0.0/8'], undefined],
  ['http://crm.example:8080/hook', ['10.0.0.0/8'], undefined], // it may lead there
])('judges %s before it is ever called, with %j allowed', async (url, allowedAddresses, why) => {
  const agent = createGuardedAgent({ allowedAddresses, resolver: answering() });
  const judging = () => agent.judge(url, 'The endpoint');
  if (why === undefined) expect(judging).not.toThrow();
  else {
    const message = `The endpoint is not called: ${why} Correct its address, or allow it by ALLOWED_ADDRESSES.`;
    expect(judging).toThrow(expect.objectContaining({ type: 'InvalidConfig', message }));
  }
  await agent.destroy();
});

it('looks up no name that it would call at no address', async () => {
  const resolver = answering(['93.184.216.34']);
  const resolve = jest.spyOn(resolver, 'resolve');
  await expect(call('https://example.com:9443/', [], resolver)).rejects.toBeInstanceOf(ForbiddenAddress);
  expect(resolve).not.toHaveBeenCalled();
});
