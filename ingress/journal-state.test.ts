import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { IngressFolder } from '../tests/ingress-environment';
import { ban, headersOf, path, TestIngresses } from '../tests/test-ingresses';

let ingresses: TestIngresses;
let folder: IngressFolder;
let start: TestIngresses['start'];

beforeEach(() => {
  ingresses = new TestIngresses();
  ({ folder, start } = ingresses);
});

afterEach(() => ingresses.close());

test('a journal that is full is 503, not ready, and ready again after a while', async () => {
  const { url } = await start({ JOURNAL_MAX_BYTES: String(1024 ** 2) });
  const large = JSON.stringify({ ...JSON.parse(ban), Comment: 'a'.repeat(900_000) });
  const send = async (id: string) =>
    await fetch(`${url}${path}`, { method: 'POST', headers: headersOf(folder.token, id), body: large });
  expect((await send('1')).status).toBe(202);
  const refused = await send('2');
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({
    type: 'urn:chat-events:JournalFull',
    id: '2',
    key: 'Agent.Ban/10001/2',
  });
  const lines = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { ...headersOf(folder.token), 'content-type': 'application/x-ndjson' },
    body: `{"type":"Agent.Ban","id":"4","data":${large}}`,
  });
  expect([lines.status, lines.headers.get('retry-after')]).toEqual([503, '1']);
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ ready: false, problem: 'JournalFull: The journal is full.' });
  const small = { method: 'POST', headers: headersOf(folder.token, '3'), body: ban };
  expect((await fetch(`${url}${path}`, small)).status).toBe(202);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

test('while another one has the journal it is not ready', async () => {
  const dir = folder.environment['JOURNAL_DIR'] ?? '';
  mkdirSync(dir);
  writeFileSync(join(dir, 'lock'), '{"token":"of another machine"}');
  const { url } = await start();
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ ready: false, problem: expect.stringMatching(/^JournalUnavailable: /) });
});

/** The next event's write to the disk hangs, until `hung` has told how to let it go on and that is called. */
async function hangDisk() {
  const handle = await open(join(folder.tokensFile, '..', 'any'), 'w');
  const datasync = jest.spyOn(Object.getPrototypeOf(handle), 'datasync');
  await handle.close();
  const hung = new Promise<() => void>((resolve) =>
    datasync.mockImplementationOnce(() => new Promise<void>((goOn) => resolve(goOn))),
  );
  return { datasync, hung };
}

test('a broken request behind one that waits for its answer is not answered in its place', async () => {
  const { url } = await start();
  const { datasync, hung } = await hangDisk();
  const head = Object.entries({ host: 'a', ...headersOf(folder.token) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  let said = '';
  socket.on('data', (chunk) => (said += chunk.toString()));
  socket.write(`POST ${path} HTTP/1.1\r\n${head.join('')}content-length: ${ban.length}\r\n\r\n${ban}`);
  const goOn = await hung;
  socket.write('HELLO\r\n\r\n');
  await once(socket, 'close');
  expect(said).toBe('');
  goOn();
  datasync.mockRestore();
});

test('a disk that hangs is 503 within the deadline, and the event may be accepted all the same', async () => {
  const { url } = await start();
  const { datasync, hung } = await hangDisk();
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers: headersOf(folder.token), body: ban });
  expect(await answer.json()).toMatchObject({
    type: 'urn:chat-events:JournalUnavailable',
    status: 503,
    mayBeAccepted: true,
  });
  (await hung)();
  datasync.mockRestore();
});
