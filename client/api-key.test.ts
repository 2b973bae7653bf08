import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiKeyOf } from './api-key';
import { explainToken } from './explain-token';

const HOUR = 3600;

function tokenOf(claims: object): string {
  return ['{}', JSON.stringify(claims), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.');
}

describe('apiKeyOf', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'api-key-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('gives a text and a function as they are, and nothing without one', () => {
    expect(apiKeyOf({ apiKey: 'one' })?.()).toBe('one');
    expect(apiKeyOf({ apiKey: () => 'two' })?.()).toBe('two');
    expect(apiKeyOf({})).toBeUndefined();
  });

  it('reads a file again when it was replaced, and keeps the last key while there is none or it is being written', async () => {
    const apiKeyFile = join(dir, 'token');
    const key = apiKeyOf({ apiKeyFile })!;
    const later = async (wanted: string) => {
      while (key() !== wanted) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    expect(key()).toBe('');
    await writeFile(apiKeyFile, 'first\n');
    await later('first');
    await writeFile(join(dir, 'new'), 'other');
    await rename(join(dir, 'new'), apiKeyFile);
    await later('other');
    for (const lose of [() => writeFile(apiKeyFile, ''), () => rm(apiKeyFile)]) {
      await lose();
      await new Promise((resolve) => setTimeout(resolve, 1_100)); // until it looks again
      expect(key()).toBe('other');
      expect(apiKeyOf({ apiKeyFile })?.()).toBe('other'); // a connection that is made now
    }
  });
});

describe('explainToken', () => {
  const now = Math.floor(Date.now() / 1000);
  const exp = now + HOUR;
  it.each([
    ['No token was sent.', undefined],
    ['No token was sent.', ''],
    ['The API key is no JSON Web Token.', 'secret'],
    [/^The token of "eu" expired at 20/, tokenOf({ sub: 'eu', exp: now - 1, permissions: ['chat-events:write'] })],
    [/^The token of "eu" is valid from 20/, tokenOf({ sub: 'eu', nbf: exp, permissions: ['chat-events:write'] })],
    [
      'The token of "eu" has no role in the namespace chat-events, but other:write.',
      tokenOf({ sub: 'eu', exp, permissions: ['other:write'] }),
    ],
    ['The token has no subject, and has no claim "permissions".', tokenOf({ exp })],
    [/has no role in the namespace chat-events, but none at all\.$/, tokenOf({ exp, permissions: [] })],
    [
      /^The token of "eu" has the role chat-events:read: the call/,
      tokenOf({ sub: 'eu', permissions: ['chat-events:read'] }),
    ],
  ])('says %s', (said, token) => {
    const told = explainToken(token, 'chat-events');
    if (typeof said === 'string') expect(told).toBe(said);
    else expect(told).toMatch(said);
    expect(told).not.toContain('secret');
  });
});
