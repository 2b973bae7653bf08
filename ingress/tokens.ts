import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hashToken, parseTokens, type StoredToken } from './token-file';
import { watchFiles } from './watch-files';

/** The rights of a token. */
export interface Grant {
  readonly name: string;
  readonly maySendFor: (siteId: string) => boolean;
}

export interface Tokens {
  /** The rights of the token; undefined for one that the file has not. */
  find(token: string): Grant | undefined;
  close(): void;
}

/**
 * The tokens of a file, which is read again when it changes. A change that cannot be read is reported, and the tokens before it
 * stay good until it can.
 *
 * @throws the file system's error, InvalidTokenFile
 */
export function openTokens(file: string, report: (problem: string) => void): Tokens {
  let known = read(file);
  const close = watchFiles([file], {
    read: () => (known = read(file)),
    report: (problem) => report(`${file} cannot be read, so the tokens before its change stay good: ${problem}`),
  });
  return {
    find(token) {
      const hash = hashToken(token);
      // Each is compared, and in constant time, so that the answer's time says nothing about any of them.
      return known.filter(({ sha256 }) => timingSafeEqual(sha256, hash))[0]?.grant;
    },
    close,
  };
}

function read(file: string) {
  return parseTokens(readFileSync(file, 'utf8')).map((stored) => ({
    sha256: Buffer.from(stored.sha256, 'hex'),
    grant: grantOf(stored),
  }));
}

function grantOf({ name, sites }: StoredToken): Grant {
  const allowed = sites === '*' ? undefined : new Set(sites);
  return { name, maySendFor: (siteId) => allowed === undefined || allowed.has(siteId) };
}
