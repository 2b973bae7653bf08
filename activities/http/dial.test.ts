import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createSmtpDial } from './dial';
import type { HostResolver } from './dns/host-resolver';

let server: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port; // it listens on TCP
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const never = new AbortController().signal;
const resolver: HostResolver = {
  resolve: async (host) => {
    if (host === 'none.example') throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
    return [{ address: host === 'public.example' ? '93.184.216.34' : '127.0.0.1', family: 4 }];
  },
  hold: () => () => {},
};

it.each([
  ['127.0.0.1', 25, 'not public'],
  ['169.254.169.254', 587, 'not public'],
  ['::1', 465, 'not public'],
  ['private.example', 2525, 'not public'],
  ['private.example', 6379, 'Only the ports'],
  ['public.example', 443, 'Only the ports'],
])('does not dial %s:%s', async (host, at, why) => {
  const dial = createSmtpDial({ allowedAddresses: [], resolver });
  await expect(dial(host, at, never)).rejects.toMatchObject({
    type: 'InvalidConfig',
    message: expect.stringContaining(why),
    details: { code: 'FORBIDDEN_ADDRESS' },
  });
  expect(connections).toBe(0);
});

it('dials allowed addresses, on any port', async () => {
  const dial = createSmtpDial({ allowedAddresses: ['127.0.0.1'], resolver });
  const socket = await dial('private.example', port, never);
  expect(socket.remoteAddress).toBe('127.0.0.1');
  socket.destroy();
});

it.each([
  ['none.example', 25, { code: 'EDNS', originalCode: 'ENOTFOUND' }],
  ['private.example', 9, { code: 'ESOCKET', originalCode: 'ECONNREFUSED' }],
])('says of %s:%s what nodemailer would', async (host, at, error) => {
  const dial = createSmtpDial({ allowedAddresses: ['127.0.0.1'], resolver });
  await expect(dial(host, at, never)).rejects.toMatchObject(error);
});

it.each([
  ['smtp.example.com', 587, [], undefined],
  ['private.example', 2525, [], undefined], // where a name leads is judged when it is dialled
  ['private.example', 1025, ['127.0.0.1'], undefined],
  ['127.0.0.1', 1025, ['127.0.0.1'], undefined],
  ['smtp.example.com', 443, [], 'Only the ports 25, 465, 587, 2525.'],
  ['93.184.216.34', 443, ['127.0.0.1'], 'Only the ports 25, 465, 587, 2525.'],
  ['127.0.0.1', 587, [], 'The address is not public.'],
  ['127.1', 587, [], 'The address is not public.'],
  ['::1', 587, ['127.0.0.1'], 'The address is not public.'],
])('judges %s:%s before it is ever dialled, with %j allowed', (host, at, allowedAddresses, why) => {
  const { judge } = createSmtpDial({ allowedAddresses, resolver });
  if (why === undefined) return expect(() => judge(host, at)).not.toThrow();
  const message = `The SMTP server is not called: ${why} Correct its address, or allow it by ALLOWED_ADDRESSES.`;
  expect(() => judge(host, at)).toThrow(expect.objectContaining({ type: 'InvalidConfig', message }));
});
