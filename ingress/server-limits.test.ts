import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs, { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeIngressFolder, type IngressFolder } from '../tests/ingress-environment';
import { headersOf, path, TestIngresses } from '../tests/test-ingresses';
import { CannotStart } from './start-ingress';
import { formatTokens, makeToken, parseTokens } from './token-file';

let ingresses: TestIngresses;
let folder: IngressFolder;
let logged: readonly string[];
let start: TestIngresses['start'];

beforeEach(() => {
  ingresses = new TestIngresses();
  ({ folder, logged, start } = ingresses);
});

afterEach(() => ingresses.close());

/** Of an event that cannot be read: 422 where the token is known. Nothing is in the journal then that a stop waits for. */
async function statusOf(url: string, token: string): Promise<number> {
  return (await fetch(`${url}${path}`, { method: 'POST', headers: headersOf(token), body: '{}' })).status;
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await pause(50);
}

function post(options: RequestOptions, token: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const send = options.ca === undefined ? httpRequest : httpsRequest;
    const request = send({ ...options, method: 'POST', path, headers: headersOf(token) }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once('error', reject).end('{}');
  });
}

/** What a server says to bytes on a connection, until it closes it. */
async function exchange(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  let said = '';
  socket.on('data', (chunk) => (said += chunk.toString())).write(text);
  await once(socket, 'close');
  return said;
}

describe('the file of tokens', () => {
  test('is read again when it changes: a second token of one name is good beside the first, and one that was removed is not', async () => {
    const { url } = await start();
    const next = makeToken({ name: 'all', sites: '*' });
    const before = parseTokens(readFileSync(folder.tokensFile, 'utf8'));
    writeFileSync(folder.tokensFile, formatTokens([...before, next.stored]));
    await until(async () => (await statusOf(url, next.token)) === 422);
    expect(await statusOf(url, folder.token)).toBe(422);
    writeFileSync(folder.tokensFile, formatTokens([next.stored]));
    await until(async () => (await statusOf(url, folder.token)) === 401);
    expect(await statusOf(url, next.token)).toBe(422);
  });

  test('that cannot be read or is gone leaves the tokens before it good, and is reported', async () => {
    const { url } = await start();
    writeFileSync(folder.tokensFile, '{"tokens":');
    await until(() => logged.some((line) => line.includes('it is not JSON')));
    expect(await statusOf(url, folder.token)).toBe(422);
    rmSync(folder.tokensFile);
    await until(() => logged.some((line) => line.includes('ENOENT')));
    expect(await statusOf(url, folder.token)).toBe(422);
    expect(logged.join()).not.toContain(folder.token);
  });

  test('is read again until it can be: a token that was removed meanwhile is not good for long', async () => {
    const { url } = await start();
    let failures = 0;
    const spy = jest.spyOn(fs, 'readFileSync').mockImplementation(() => {
      failures += 1;
      throw new Error('EMFILE: too many open files');
    });
    writeFileSync(folder.tokensFile, formatTokens([makeToken({ name: 'other', sites: '*' }).stored]));
    await until(() => failures > 1);
    spy.mockRestore();
    await until(async () => (await statusOf(url, folder.token)) === 401);
    expect(logged.filter((line) => line.includes('EMFILE'))).toHaveLength(1);
  });

  test('that is missing at start is an error that says what to do', async () => {
    const starting = start({ INGRESS_TOKENS_FILE: join(folder.tokensFile, 'none') });
    await expect(starting).rejects.toThrow(CannotStart);
    await expect(starting).rejects.toThrow('make one with `ops tokens add`');
  });
});

test('a Unix socket is served, also where a process that was killed has left it', async () => {
  const socketPath = join(folder.tokensFile, '..', 'socket');
  const listen = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', listen, socketPath]);
  expect(lstatSync(socketPath).isSocket()).toBe(true);
  expect((await start({ INGRESS_SOCKET: socketPath })).url).toBe(`unix:${socketPath}`);
  expect(await post({ socketPath }, folder.token)).toBe(422);
});

test('any other file at the place of a Unix socket stays as it is', async () => {
  const socketPath = join(folder.tokensFile, '..', 'file');
  writeFileSync(socketPath, 'mine');
  await expect(start({ INGRESS_SOCKET: socketPath })).rejects.toThrow('(EADDRINUSE). Set INGRESS_SOCKET.');
  expect(readFileSync(socketPath, 'utf8')).toBe('mine');
});

test('an address of the network without a certificate is reported', async () => {
  await start({ INGRESS_HOST: '0.0.0.0' });
  expect(logged.join()).toContain('set INGRESS_TLS_CERT_FILE');
});

test('a port that is taken is an error that says what to do', async () => {
  const { url } = await start();
  const other = makeIngressFolder();
  const environment = { ...other.environment, INGRESS_PORT: new URL(url).port };
  await expect(start(environment)).rejects.toThrow('(EADDRINUSE). Set INGRESS_HOST or INGRESS_PORT.');
  other.remove();
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

(hasOpenssl ? describe : describe.skip)(hasOpenssl ? 'HTTPS' : 'HTTPS (skipped: there is no openssl)', () => {
  test('is served, and a new certificate from the moment its file changes', async () => {
    const [cert, key] = [join(folder.tokensFile, '..', 'cert.pem'), join(folder.tokensFile, '..', 'key.pem')];
    const renew = (): void => {
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
      const args = [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        ...subject,
      ];
      spawnSync('openssl', [...args, '-keyout', key, '-out', cert]);
    };
    renew();
    const { url } = await start({ INGRESS_TLS_CERT_FILE: cert, INGRESS_TLS_KEY_FILE: key });
    const { protocol, port } = new URL(url);
    expect(protocol).toBe('https:');
    const options = (): RequestOptions => ({ host: 'localhost', port, ca: readFileSync(cert), agent: false });
    expect(await post(options(), folder.token)).toBe(422);
    renew();
    await until(async () => (await post(options(), folder.token).catch(() => 0)) === 422);
  });
});

describe('what Node itself refuses is answered with problem details, and its connection is closed', () => {
  test.each([
    ['a line that is no request', 'HELLO\r\n\r\n', 400],
    ['headers above 16 KiB', `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na`, 400],
    [
      'a length and chunks',
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
  ])('%s', async (_, text, status) => {
    const said = await exchange((await start()).url, text);
    expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*application/problem\\+json[^]*"status":${status}`));
  });
});

test('bodies that wait for their end are bounded: the sidecar asks for less, and goes on', async () => {
  const { url } = await start();
  const { hostname, port } = new URL(url);
  const head = `POST /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${folder.token}\r\nContent-Type: application/x-ndjson\r\n`;
  const bytes = 20 * 1024 * 1024;
  const sockets = Array.from({ length: 4 }, () => {
    const socket = connect({ host: hostname, port: Number(port) });
    const said = once(socket, 'data').then(([chunk]: Buffer[]) => String(chunk).split('\r\n', 1)[0]);
    socket.on('error', () => {}).write(`${head}Idempotency-Key: a\r\nContent-Length: ${bytes}\r\n\r\n`);
    socket.write(Buffer.alloc(bytes - 1, ' '));
    return { socket, said };
  });
  expect(await Promise.race(sockets.map(({ said }) => said))).toMatch('HTTP/1.1 429');
  for (const { socket } of sockets) socket.destroy();
  await until(async () =>
    (await (await fetch(`${url}/metrics`)).text()).includes('\nchat_events_ingress_held_bytes 0\n'),
  );
  expect(await statusOf(url, folder.token)).toBe(422);
});

test('a body whose connection ends is no error of the sidecar', async () => {
  const { url } = await start();
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${folder.token}\r\nContent-Type: application/json\r\n`;
  socket.write(`${head}Content-Length: 100\r\n\r\n{`);
  const metrics = async (): Promise<string> => await (await fetch(`${url}/metrics`)).text();
  await until(async () => !(await metrics()).includes('held_bytes 0'));
  socket.destroy();
  await until(async () => (await metrics()).includes('held_bytes 0'));
  expect(await metrics()).not.toContain('status="500"');
  expect(logged).toEqual([]);
});
