import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { readIngressConfig } from '../ingress/config';
import { startIngress, type RunningIngress } from '../ingress/start-ingress';
import { formatTokens, hashToken, makeToken, parseTokens } from '../ingress/token-file';

export interface Sidecar extends RunningIngress {
  /** For all sites, the same at each start. */
  readonly token: string;
  /** It has this token. */
  readonly tokenFile: string;
  readonly tokensFile: string;
  readonly log: string;
}

/**
 * The sidecar of `npm start`, with its journal, tokens and log in the data folder.
 *
 * @param environment clusters, port and folder of large events
 */
export async function startSidecar(dataDir: string, environment: NodeJS.ProcessEnv): Promise<Sidecar> {
  const folder = join(dataDir, 'sidecar');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const tokensFile = resolve(folder, 'tokens.json');
  const tokenFile = join(folder, 'development-token');
  const token = await ensureToken(tokenFile, tokensFile);
  const config = readIngressConfig({
    ...environment,
    INGRESS_TOKENS_FILE: tokensFile,
    JOURNAL_DIR: join(folder, 'journal'),
  });
  const log = join(dataDir, 'sidecar.log');
  const ingress = await startIngress(config, pino({ level: config.LOG_LEVEL }, pino.destination(log)));
  return { ...ingress, token, tokenFile, tokensFile, log };
}

/** The token of the file, or a new one, which the file of tokens has from then on. */
async function ensureToken(file: string, tokensFile: string): Promise<string> {
  const tokens = parseTokens(await readOr(tokensFile, formatTokens([])));
  const known = (await readOr(file, '')).trim();
  const sha256 = hashToken(known).toString('hex');
  if (tokens.some((one) => one.sha256 === sha256)) return known;
  const { token, stored } = makeToken({ name: 'development', sites: '*' });
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  await writeFile(tokensFile, formatTokens([...tokens, stored]), { mode: 0o600 });
  return token;
}

const readOr = (file: string, missing: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return missing;
    throw error;
  });
