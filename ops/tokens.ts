import { chmod, chown, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  formatTokens,
  InvalidTokenFile,
  makeToken,
  parseTokens,
  TOKEN_NAME,
  tokenId,
  type StoredToken,
} from '../ingress/token-file';
import type { Ops } from './open-ops';
import { CommandFailure, printDone, printList, type Column, type JsonOption } from './output';
import { readSiteOrAll } from './read-input';

interface Given extends JsonOption {
  readonly file: string;
}

interface GivenSites extends Given {
  readonly site: readonly string[];
}

/** `ops tokens ...`: the tokens of a sidecar, in a file on its machine. It needs no server. */
export function addTokenCommands(tokens: Command, ops: Ops): void {
  const fileOption = (): Option =>
    new Option('--file <path>', "the sidecar's INGRESS_TOKENS_FILE; default: that of the environment, or of npm start");

  const open = async ({ file }: Partial<Given>): Promise<string> => {
    const found = file ?? (await ops.environment())['INGRESS_TOKENS_FILE'];
    if (found) return found;
    throw new CommandFailure('Say which file: --file, or INGRESS_TOKENS_FILE, which the sidecar has, too.');
  };

  tokens
    .command('add')
    .description('make a token, and print it once; a second one of the same name is good beside the first')
    .argument('<name>', 'of the chat server that shows it', readTokenName)
    .requiredOption('--site <id...>', 'the sites whose events it may publish; * = all', collectSites)
    .addOption(fileOption())
    .option('--json', 'as JSON')
    .action(async (name: string, { site, ...options }: GivenSites) => {
      const file = await open(options);
      const { token, stored } = makeToken({ name, sites: site.includes('*') ? '*' : [...new Set(site)] });
      await write(file, [...(await read(file, [])), stored]);
      const text = `Token ${tokenId(stored)} of ${name}, for ${sitesOf(stored)}; the sidecar knows it within a second. It is shown this once:\n${token}`;
      printDone(text, { ...listed(stored), token }, options);
    });

  tokens
    .command('list')
    .description('the tokens of the file, without their text')
    .addOption(fileOption())
    .option('--json', 'as JSON')
    .action(async (options: Given) => {
      const rows = (await read(await open(options))).map(listed);
      printList(rows, COLUMNS, { json: options.json, empty: 'There is no token.' });
    });

  tokens
    .command('remove')
    .description('remove a token: the sidecar refuses it within a second')
    .argument('<id>', 'as `list` shows it')
    .addOption(fileOption())
    .option('--json', 'as JSON')
    .action(async (id: string, options: Given) => {
      const file = await open(options);
      const known = await read(file);
      const removed = known.find((token) => tokenId(token) === id);
      if (removed === undefined)
        throw new CommandFailure(`There is no token ${id} in ${file}; \`tokens list\` shows them.`);
      await write(
        file,
        known.filter((token) => token !== removed),
      );
      printDone(`Token ${id} of ${removed.name} is removed.`, listed(removed), options);
    });
}

function readTokenName(text: string): string {
  if (TOKEN_NAME.test(text)) return text;
  throw new InvalidArgumentError('Expected letters, digits, and . _ - .');
}

const collectSites = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  readSiteOrAll(text),
];

const sitesOf = ({ sites }: StoredToken): string => (sites === '*' ? 'all sites' : `site ${sites.join(', ')}`);

const listed = (token: StoredToken) => {
  const { name, sites, createdAt } = token;
  return { id: tokenId(token), name, sites, createdAt };
};

const COLUMNS: readonly Column<ReturnType<typeof listed>>[] = [
  { title: 'id', of: ({ id }) => id },
  { title: 'name', of: ({ name }) => name },
  { title: 'sites', of: ({ sites }) => (sites === '*' ? '*' : sites.join(',')) },
  { title: 'created', of: ({ createdAt }) => createdAt },
];

/** @param missing what stands for a file that is not there */
async function read(file: string, missing?: readonly StoredToken[]): Promise<readonly StoredToken[]> {
  try {
    return parseTokens(await readFile(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // of the file system, or InvalidTokenFile
    if (code === 'ENOENT' && missing !== undefined) return missing;
    const advice =
      error instanceof InvalidTokenFile ? 'Correct it, or name another one.' : 'See its path and its access.';
    throw new CommandFailure(`${file} cannot be read as a file of tokens: ${code ?? message}. ${advice}`);
  }
}

/** In one step, so that the sidecar reads the old file or the new one; with the same owner and mode, as the sidecar has to read it. */
async function write(file: string, tokens: readonly StoredToken[]): Promise<void> {
  const before = await stat(file).catch(() => undefined);
  const next = `${file}.new`;
  try {
    await writeFile(next, formatTokens(tokens), { mode: 0o600 });
    if (before !== undefined) {
      await chmod(next, before.mode);
      await chown(next, before.uid, before.gid);
    }
    await rename(next, file);
  } catch (error) {
    throw new CommandFailure(`${file} cannot be written: ${(error as Error).message}. See its path and its access.`);
  }
}
