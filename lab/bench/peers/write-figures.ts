/**
 * `npx tsx lab/bench/peers/write-figures.ts FILE...`: replaces the table of docs/peers.md and its chart, unless only the product was measured, and
 * the table of docs/scaling.md, if it was measured at 1 and at 2,000 outstanding. Each FILE is what `npm run bench --silent -- --only peers --json`
 * printed; a later file counts where both have the same load.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { showMachine } from '../../describe-machine';
import { scalingTable } from '../scaling';
import { drawPeers } from './draw-peers';
import { figuresOf, loadOf, summarise, type PeersReport } from './report-peers';
import type { Measured } from './measure-peers';
import { PRODUCT } from './product';

const docs = join(__dirname, '..', '..', '..', 'docs');
const MADE = '<!-- Made by "lab/bench/peers/write-figures.ts". Do not edit. -->';
const END = '<!-- End of the generated part. -->';

type Printed = PeersReport & { readonly measured: readonly Measured[] };

async function main(files: readonly string[]): Promise<void> {
  const reports = await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, 'utf8')) as Printed)); // printed by the benchmark
  const [first] = reports;
  if (first === undefined) throw new Error('Name a file that the benchmark printed.');
  const byLoad = new Map(reports.flatMap(({ measured }) => measured.map((one) => [loadOf(one), measured] as const)));
  const measured = [...byLoad].flatMap(([load, all]) => all.filter((one) => loadOf(one) === load));
  const lines = summarise(measured).filter(({ mode }) => mode.isSafe);
  const wrong = reports.flatMap(({ skipped, failed }) => [...skipped, ...failed]);
  const onlyLists = [...new Set(measured.map(({ consumers }) => consumers))].filter((count) =>
    measured.every(({ consumers, mode }) => consumers !== count || mode.isBatched),
  );
  const notes = [
    ...onlyLists.map((count) => `Number of consumers with which every system was measured in lists only: ${count}.`),
    ...wrong.map((line) => `Not in the table: ${line}`),
  ].join('\n\n');
  const ours = lines.filter(({ system }) => system === PRODUCT);
  if (lines.length > ours.length) {
    await writeFile(join(docs, 'images', 'peers.svg'), drawPeers(lines));
    await replace('peers.md', `${showMachine(first.machine)}.\n\n${figuresOf(lines)}\n\n${notes}`);
  }
  const scaling = scalingTable(ours);
  if (scaling !== undefined) await replace('scaling.md', `\`\`\`text\n${scaling}\n\`\`\``);
}

async function replace(name: string, text: string): Promise<void> {
  const page = join(docs, name);
  const [before, rest] = (await readFile(page, 'utf8')).split(MADE);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has no place for the table: "${MADE}".`);
  const whole = `${before}${MADE}\n\n${text}\n\n${END}${after}`;
  await writeFile(page, await format(whole, { ...(await resolveConfig(page)), filepath: page }));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
