import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { drawChart } from './draw-chart';
import { makeTable } from './make-table';
import type { DrillRun } from './run-scenario';

const root = join(__dirname, '..', '..');
const PAGE = join(root, 'docs', 'failover.md');
const CHART = join(root, 'docs', 'images', 'failover.svg');
/** The scenario that the chart shows. */
const SHOWN = 'main-killed';
const [BEGIN, END] = [
  '<!-- Made by "npm run drill -- --write-docs". Do not edit. -->',
  '<!-- End of the generated part. -->',
];

/** Writes the lines of these runs into the table of docs/failover.md, the worst of several seeds in each cell, and the chart beside it. */
export async function writeDocs(runs: readonly DrillRun[], usualRate: number): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const [earlier, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no place for the table: "${BEGIN}".`);
  const text = `${before}${BEGIN}\n\n${makeTable(
    runs.map(({ report }) => report),
    usualRate,
    earlier,
  )}\n\n${END}${after}`;
  await writeFile(PAGE, await format(text, { ...(await resolveConfig(PAGE)), filepath: PAGE }));
  const shown = runs.find(({ report }) => report.scenario === SHOWN);
  if (shown === undefined) return;
  const label = 'Time of each publish, and how many deliveries were done, while main was killed and started again';
  await writeFile(CHART, drawChart({ seen: shown.seen, fault: 'main is down', label }));
}
