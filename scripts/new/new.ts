import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { runCommand } from '../../stack/run-command';
import { makeConsumer, refuseConsumer, type Making } from './make-consumer';
import { makeEvent, refuseEvent } from './make-event';
import { root } from './templates';

const USAGE = `npm run new -- consumer NAME                  sends to one service of the installation
npm run new -- consumer NAME --connection     sends to an account of each site
npm run new -- consumer NAME --in-database    writes into our own database
npm run new -- event TYPE                     an event without tables of its own

Writes every file, its registration and its page in docs/. The new files pass the tests.`;

/** Thrown when nothing was written; the message says why. */
class Refusal extends Error {}

async function readCall(): Promise<Making> {
  const { values, positionals } = readArguments();
  const [what, name, ...more] = positionals;
  const { connection, 'in-database': inDatabase } = values;
  if (name === undefined || more.length > 0 || (connection && inDatabase)) throw new Refusal(USAGE);
  if (what === 'event' && !connection && !inDatabase) {
    refuse(refuseEvent(name));
    return await makeEvent(name);
  }
  if (what !== 'consumer') throw new Refusal(USAGE);
  refuse(refuseConsumer(name));
  return await makeConsumer(name, connection ? 'connection' : inDatabase ? 'in-database' : 'service');
}

function readArguments() {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ options: { connection: flag, 'in-database': flag }, allowPositionals: true });
  } catch {
    throw new Refusal(USAGE);
  }
}

function refuse(why: string | undefined): void {
  if (why !== undefined) throw new Refusal(why);
}

async function main(): Promise<void> {
  const { files, changes, next } = await readCall();
  const there = [...files.keys()].filter((path) => existsSync(join(root, path)));
  if (there.length > 0) throw new Refusal(`Nothing is written: there is ${there.join(', ')} already.`);
  const changed = await Promise.all(
    [...changes].map(async ([path, change]) => [path, change(await readFile(join(root, path), 'utf8'), path)] as const),
  );
  for (const [path, text] of [...files, ...changed]) {
    const filepath = join(root, path);
    await mkdir(dirname(filepath), { recursive: true });
    await writeFile(
      filepath,
      /\.tsx?$/.test(path) ? await format(text, { ...(await resolveConfig(filepath)), filepath }) : text,
    );
  }
  console.log(`Written: ${[...files.keys()].join(', ')}`);
  console.log(`Changed: ${[...changes.keys()].join(', ')}`);
  const docs = await runCommand([process.execPath, '--import', 'tsx', 'scripts/docs.ts'], { cwd: root });
  if (docs.code !== 0) throw new Error(`The files are there, but "npm run docs" failed:\n${docs.output}`);
  console.log(['Next:', ...next.map((step, i) => `  ${i + 1}. ${step}`)].join('\n'));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof Refusal ? 2 : 1;
});
