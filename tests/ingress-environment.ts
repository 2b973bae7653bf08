import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatTokens, makeToken } from '../ingress/token-file';

export interface IngressFolder {
  /** Variables of a sidecar whose files are in the folder, at any free port. */
  readonly environment: Record<string, string>;
  readonly tokensFile: string;
  /** For all sites, and for site 10001 alone. */
  readonly token: string;
  readonly tokenOfOne: string;
  remove(): void;
}

/** A folder with the files of a sidecar: tokens and journal. */
export function makeIngressFolder(): IngressFolder {
  const dir = mkdtempSync(join(tmpdir(), 'ingress-'));
  const tokensFile = join(dir, 'tokens.json');
  const all = makeToken({ name: 'all', sites: '*' });
  const one = makeToken({ name: 'one', sites: ['10001'] });
  writeFileSync(tokensFile, formatTokens([all.stored, one.stored]));
  return {
    environment: { INGRESS_PORT: '0', INGRESS_TOKENS_FILE: tokensFile, JOURNAL_DIR: join(dir, 'journal') },
    tokensFile,
    token: all.token,
    tokenOfOne: one.token,
    remove: () => rmSync(dir, { recursive: true }),
  };
}
