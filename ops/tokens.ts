import { open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
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
import { syncFolder } from '../client/sync-folder';
import type { Ops } from './open-ops';
import { CommandFailure, printDone, printList, type Column, type JsonOption } from './output';
import { readSiteOrAll } from './read-input';

/** How long a command waits for another one, and between its looks, in milliseconds. */
const WAIT_MS = 3_000;
const LOOK_EVERY_MS = 50;

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

  const fileOf = async ({ file }: Partial<Given>): Promise<string> => {
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
      const file = await fileOf(options);
      const { token, stored } = makeToken({ name, sites: site.includes('*') ? '*' : [...new Set(site)] });
      await change(file, async () => [...(await read(file, [])), stored]);
      const text = `Token ${tokenId(stored)} of ${name}, for ${sitesOf(stored)}; the sidecar knows it within a second. It is shown this once:\n${token}`;
      printDone(text, { ...listed(stored), token }, options);
    });

  tokens
    .command('list')
    .description('the tokens of the file, without their text')
    .addOption(fileOption())
    .option('--json', 'as JSON')
    .action(async (options: Given) => {
      const rows = (await read(await fileOf(options))).map(listed);
      printList(rows, COLUMNS, { json: options.json, empty: 'There is no token.' });
    });

  tokens
    .command('remove')
    .description('remove a token: the sidecar refuses it within a second')
    .argument('<id>', 'as `list` shows it')
    .addOption(fileOption())
    .option('--json', 'as JSON')
    .action(async (id: string, options: Given) => {
      const file = await fileOf(options);
      const find = (known: readonly StoredToken[]): StoredToken => {
        const found = known.find((token) => tokenId(token) === id);
        if (found !== undefined) return found;
        throw new CommandFailure(`There is no token ${id} in ${file}; \`tokens list\` shows them.`);
      };
      const removed = find(await read(file));
      await change(file, async () => {
        const known = await read(file);
        const gone = find(known); // as another command may have changed it
        return known.filter((token) => token !== gone);
      });
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

/** @param missing the text for a file that is not there */
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

/**
 * Changes the file in one step, so that the sidecar reads the old one or the new one; with the same owner and mode, as the sidecar has to
 * read it. The new file keeps other commands out while this one reads and writes. When it resolves, a loss of power changes nothing.
 */
async function change(file: string, compose: () => Promise<readonly StoredToken[]>): Promise<void> {
  const next = `${file}.new`;
  try {
    const handle = await createNew(next);
    try {
      await handle.writeFile(formatTokens(await compose()));
      const before = await stat(file).catch(() => undefined);
      if (before !== undefined) {
        await handle.chmod(before.mode);
        await handle.chown(before.uid, before.gid);
      }
      await handle.sync();
      await rename(next, file);
    } catch (error) {
      await rm(next, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    await syncFolder(dirname(file));
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`${file} cannot be written: ${(error as Error).message}. See its path and its access.`);
  }
}

/** Waits while another command has made it. @throws the file system's error, CommandFailure */
async function createNew(path: string): Promise<FileHandle> {
  for (const end = performance.now() + WAIT_MS; ; await pause(LOOK_EVERY_MS)) {
    try {
      return await open(path, 'wx', 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (performance.now() < end) continue;
      throw new CommandFailure(
        `Nothing was changed: ${path} is there, as another command writes it or was killed. If none runs, remove it and try again.`,
      );
    }
  }
}
