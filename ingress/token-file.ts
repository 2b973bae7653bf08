import { hash, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** The name of a token. */
export const TOKEN_NAME = /^[\w.-]{1,64}$/;

const storedToken = z.strictObject({
  /** Of the chat server that shows it; two tokens of one name are both good, so that one can take the other's place. */
  name: z.string().regex(TOKEN_NAME, 'expected letters, digits, and . _ -'),
  /** Sites whose events it may publish; `*` = all. */
  sites: z.union([z.literal('*'), z.array(z.string().min(1)).min(1)]),
  /** SHA-256 of the token, in hex. The token itself is 32 random bytes, so that nothing is to be guessed from this. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits'),
  /** ISO 8601. */
  createdAt: z.string(),
});

const tokenFile = z.strictObject({ tokens: z.array(storedToken) });

/** A token as the file has it. */
export type StoredToken = z.infer<typeof storedToken>;

/** Thrown when a text is no file of tokens. */
export class InvalidTokenFile extends Error {
  override readonly name = 'InvalidTokenFile';
}

/**
 * @param text of the file
 * @throws InvalidTokenFile that names the mistake, never a value
 */
export function parseTokens(text: string): readonly StoredToken[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InvalidTokenFile('it is not JSON');
  }
  const { success, data, error } = tokenFile.safeParse(json);
  if (success) return data.tokens;
  throw new InvalidTokenFile(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

export const formatTokens = (tokens: readonly StoredToken[]): string => `${JSON.stringify({ tokens }, undefined, 2)}\n`;

/** Names a token, and says nothing about it. */
export const tokenId = ({ sha256 }: StoredToken): string => sha256.slice(0, 8);

export const hashToken = (token: string): Buffer => hash('sha256', token, 'buffer');

/** A new token, which is shown once, and its line in the file. */
export function makeToken({ name, sites }: Pick<StoredToken, 'name' | 'sites'>): {
  readonly token: string;
  readonly stored: StoredToken;
} {
  const token = `chev_${randomBytes(32).toString('base64url')}`;
  return {
    token,
    stored: { name, sites, sha256: hashToken(token).toString('hex'), createdAt: new Date().toISOString() },
  };
}
