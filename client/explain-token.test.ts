import { explainToken, lifeOfToken } from './explain-token';

const tokenWith = (claims: object): string =>
  ['{}', JSON.stringify(claims), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.');
const now = Math.floor(Date.now() / 1000);

it('a token ends soon in the last quarter of its time', () => {
  const life = { sub: 'worker-1', iat: now - 30, exp: now + 90 };
  expect(lifeOfToken(tokenWith(life))).toMatchObject({ of: 'worker-1', endsSoon: false });
  expect(lifeOfToken(tokenWith({ ...life, exp: now + 5 }))).toMatchObject({ endsSoon: true });
  expect(lifeOfToken(tokenWith({ ...life, exp: now - 5 }))).toMatchObject({ endsSoon: true });
});

it('one that does not say when it was made, in its last day', () => {
  expect(lifeOfToken(tokenWith({ exp: now + 2 * 86_400 }))).toMatchObject({ endsSoon: false });
  expect(lifeOfToken(tokenWith({ exp: now + 80_000 }))).toMatchObject({ endsSoon: true });
});

it('an API key that is no token, or one without an end, has no life', () => {
  for (const key of ['key', 'a.b.c', tokenWith({ sub: 'x' })]) expect(lifeOfToken(key)).toBeUndefined();
});

it('a time beyond the calendar, as in another unit, has no date', () => {
  const micros = now * 1e6;
  expect(lifeOfToken(tokenWith({ exp: micros }))).toEqual({
    of: 'an unnamed subject',
    until: `second ${micros}`,
    endsSoon: false,
  });
  expect(explainToken(tokenWith({ sub: 'x', nbf: micros }), 'n')).toBe(
    `The token of "x" is valid from second ${micros} only.`,
  );
});
