import { randomBytes, webcrypto } from 'node:crypto';
import { writeFile, rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Payload } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { catalogue } from '../events/catalogue';
import { payloadConverter } from '../protocol/payload-converter';
import { createPayloadCodec } from './payload-codec';
import { parsePayloadKeys, readPayloadKeys, type PayloadKey } from './payload-keys';
import { readPublisherOptions } from './publisher-options';

const newKey = (): string => randomBytes(32).toString('base64');
const codecOf = (...keys: string[]) =>
  createPayloadCodec(keys.length === 0 ? [] : readPayloadKeys({ PAYLOAD_KEY: keys.join(',') }));
const [first, second] = [newKey(), newKey()] as const;

const data = { ...catalogue['Agent.Ban'].example, Comment: 'a marker' };
const event = { id: '1', type: 'Agent.Ban', siteId: '9', data };
const payloadOf = (value: unknown): Payload => payloadConverter.toPayload(value);
const encrypt = async (value: unknown, ...keys: string[]): Promise<Payload> =>
  (await codecOf(...keys).encode([payloadOf(value)]))[0] ?? {};
const decrypt = async (payload: Payload, ...keys: string[]): Promise<unknown> =>
  payloadConverter.fromPayload((await codecOf(...keys).decode([payload]))[0] ?? {});
const textOf = (payload: Payload): string => Buffer.from(payload.data ?? []).toString('latin1');

test.each([
  ['an event', event],
  ['an event in another spelling', { Type: 'Agent.Ban', DATA: JSON.stringify(data) }],
  ['a batch', [event, { ...event, id: '2' }]],
  ['a batch with what is no event', ['a marker', event]],
  ['the input of recordEvents', { events: [{ Note: 'a marker' }], startedAt: '2026-11-30T00:00:00.000Z' }],
])('encrypts %s, and gives it back', async (_, value) => {
  const payload = await encrypt(value, first);
  expect(Buffer.from(payload.metadata?.['encoding'] ?? []).toString()).toBe('binary/encrypted');
  expect(textOf(payload)).not.toContain('a marker');
  expect(await decrypt(payload, first)).toEqual(value);
});

test.each([
  ['a key', { key: 'Agent.Ban/9/1' }],
  ['keys', ['Agent.Ban/9/1']],
  ['a summary', 'Agent.Ban site 9 Agent.Ban/9/1'],
  ['deliveries', { ids: ['d7b1'], queue: 'Agent.Ban' }],
  ['nothing', undefined],
])('leaves %s readable', async (_, value) => {
  expect(await encrypt(value, first)).toEqual(payloadOf(value));
});

it('reads what was sent without a key, and encrypts nothing without one', async () => {
  expect(await decrypt(payloadOf(event), first)).toEqual(event);
  expect(await encrypt(event)).toEqual(payloadOf(event));
});

it('encrypts with the first key and reads with any, so that keys can change', async () => {
  const old = await encrypt(event, first);
  expect(await decrypt(old, second, first)).toEqual(event);
  const fresh = await encrypt(event, second, first);
  expect(await decrypt(fresh, second)).toEqual(event);
  await expect(decrypt(fresh, first)).rejects.toThrow('encrypted with the key');
});

it('writes the same bytes for the same content, so that what is sent again is one file, and other bytes for another', async () => {
  expect(await encrypt(event, first)).toEqual(await encrypt(event, first));
  const nonceOf = async (value: unknown) => textOf(await encrypt(value, first)).slice(0, 12);
  expect(await nonceOf({ ...event, id: '2' })).not.toBe(await nonceOf(event));
});

it('leaves alone what a foreign codec encrypted without naming a key: no key would ever read it', async () => {
  const foreign = { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('x') };
  expect(await createPayloadCodec([]).decode([foreign])).toEqual([foreign]);
});

it('says which key it lacks, which it has, and what to do', async () => {
  const payload = await encrypt(event, first);
  const [{ id: lacking }] = parsePayloadKeys(first, 'a') as readonly [PayloadKey];
  const [{ id: known }] = parsePayloadKeys(second, 'a') as readonly [PayloadKey];
  const advice = 'Add that key to PAYLOAD_KEY and start this process again';
  await expect(decrypt(payload)).rejects.toThrow(`with the key ${lacking}, and PAYLOAD_KEY is not set here. ${advice}`);
  await expect(decrypt(payload, second)).rejects.toThrow(
    `${lacking}, and PAYLOAD_KEY has only ${known} here. ${advice}`,
  );
});

it('reads what the first release with keys has written: histories keep it', async () => {
  const stored =
    'sTnAszmU1nA5kqz7Z0uvgRSsMbVCe8TZz2wL8wFEbc4fMlxrDet4RptQ46/WqdkcGscxygY+ZEWU/fmvqeex6wLRo4NilaigpR2IV8/ocvCDMDtStd9J7DyyWD70xUecyCR7IPzLWLa/6fl/Bc7on8/w';
  const metadata = { encoding: Buffer.from('binary/encrypted'), 'encryption-key-id': Buffer.from('05324199d3ea') };
  const key = Buffer.alloc(32, 7).toString('base64');
  expect(await decrypt({ metadata, data: Buffer.from(stored, 'base64') }, key)).toEqual({
    type: 'Agent.Ban',
    data: { SiteId: 7 },
  });
});

it('refuses bytes that were changed', async () => {
  const { metadata, data: bytes = new Uint8Array() } = await encrypt(event, first);
  const changed = Buffer.from(bytes ?? []);
  changed.writeUInt8((changed.at(-20) ?? 0) ^ 1, changed.length - 20);
  await expect(decrypt({ metadata: metadata ?? {}, data: changed }, first)).rejects.toThrow('was changed');
  await expect(decrypt({ metadata: metadata ?? {}, data: Buffer.from('x') }, first)).rejects.toThrow('was changed');
});

it("reads and writes what Temporal's encryption samples do, in which a nonce is random", async () => {
  const [{ id, key }] = parsePayloadKeys(first, 'a') as readonly [PayloadKey];
  const { Payload: message } = temporal.api.common.v1;
  const webKey = await webcrypto.subtle.importKey('raw', key, 'AES-GCM', true, ['encrypt', 'decrypt']);
  const iv = randomBytes(12);
  const plain = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(event)) };
  const text = await webcrypto.subtle.encrypt({ name: 'AES-GCM', iv }, webKey, message.encode(plain).finish());
  const metadata = { encoding: Buffer.from('binary/encrypted'), 'encryption-key-id': Buffer.from(id) };
  expect(await decrypt({ metadata, data: Buffer.concat([iv, Buffer.from(text)]) }, first)).toEqual(event);

  const ours = Buffer.from((await encrypt(event, first)).data ?? []);
  const read = await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv: ours.subarray(0, 12) }, webKey, ours.subarray(12));
  expect(payloadConverter.fromPayload(message.decode(Buffer.from(read)))).toEqual(event);
});

describe('the keys', () => {
  it.each([
    ['too short', randomBytes(31).toString('base64'), 'PAYLOAD_KEY: key 1 has 31 bytes; a key is 32 random bytes'],
    ['too long, and the second', `${first} ${randomBytes(33).toString('base64')}`, 'PAYLOAD_KEY: key 2 has 33 bytes'],
    ['no base64', 'my secret passphrase!', 'PAYLOAD_KEY: key 1 is no base64; a key is'],
    ['none', ' , ', 'PAYLOAD_KEY: has no key; a key is'],
  ])('are refused when one is %s', (_, text, message) => {
    expect(() => readPayloadKeys({ PAYLOAD_KEY: text })).toThrow(message);
  });

  it('are read from a file, a key a line', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'keys-'));
    const file = join(dir, 'payload.keys');
    await writeFile(file, `${second}\n${first}\n`);
    expect(readPayloadKeys({ PAYLOAD_KEY_FILE: file })).toEqual(readPayloadKeys({ PAYLOAD_KEY: `${second},${first}` }));
    expect(() => readPayloadKeys({ PAYLOAD_KEY_FILE: file, PAYLOAD_KEY: first })).toThrow('leave it out');
    await rm(dir, { recursive: true });
    expect(() => readPayloadKeys({ PAYLOAD_KEY_FILE: file })).toThrow(`cannot read ${file} (ENOENT)`);
  });

  it('are an option of a publisher', () => {
    const clusters = [{ name: 'main', address: 'main:7233' }];
    expect(() => readPublisherOptions({ clusters, payloadKey: 'c2hvcnQ=' })).toThrow('payloadKey: key 1 has 5 bytes');
    expect(readPublisherOptions({ clusters, payloadKey: first }).payloadKeys).toHaveLength(1);
  });
});
