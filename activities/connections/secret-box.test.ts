import { createSecretBox, InvalidSecretsKey, newSecretsKey, UnknownSecretsKey } from './secret-box';

const secrets = { password: 'correct horse', 'key ü': '' };

it('opens what it sealed, for the same connection only', () => {
  const box = createSecretBox(newSecretsKey());
  const sealed = box.seal('a', secrets);
  expect(box.open('a', sealed)).toEqual(secrets);
  expect(() => box.open('b', sealed)).toThrow('unable to authenticate');
  expect(sealed.bytes.toString('latin1')).not.toContain('correct horse');
});

it('never seals the same secrets to the same bytes', () => {
  const box = createSecretBox(newSecretsKey());
  expect(box.seal('a', secrets).bytes.equals(box.seal('a', secrets).bytes)).toBe(false);
});

it.each([0, 12, 28, -1])('opens nothing when the byte at %i was changed', (at) => {
  const box = createSecretBox(newSecretsKey());
  const { keyId, bytes } = box.seal('a', secrets);
  const index = at < 0 ? bytes.length + at : at;
  bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
  expect(() => box.open('a', { keyId, bytes })).toThrow('unable to authenticate');
});

it('opens with the previous key what it seals with the current one', () => {
  const [first, second] = [newSecretsKey(), newSecretsKey()];
  const sealed = createSecretBox(first).seal('a', secrets);
  const both = createSecretBox(second, first);
  expect(both.open('a', sealed)).toEqual(secrets);
  expect(both.seal('a', secrets).keyId).toBe(createSecretBox(second).keyId);
  expect(() => createSecretBox(second).open('a', sealed)).toThrow(UnknownSecretsKey);
});

it.each(['', 'short', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')])(
  'refuses %j as a key',
  (text) => {
    expect(() => createSecretBox(text)).toThrow(InvalidSecretsKey);
  },
);
