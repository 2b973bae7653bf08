import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack, type Stack } from '../../stack/start-stack';
import { describeMachine } from '../describe-machine';
import { createRandom } from '../random';
import { measureGrowth, printGrowth, type GrowthOptions } from './growth';
import { drawPeers } from './peers/draw-peers';
import { measurePeers, type PeersOptions } from './peers/measure-peers';
import { printPeers, summarise } from './peers/report-peers';

/** Parts of the benchmark that start and stop workers of their own: each is measured alone. */
export const SOLO_PARTS = ['peers', 'growth'] as const;
type SoloPart = (typeof SOLO_PARTS)[number];

type Needs = 'stack' | 'folder' | 'random';

export interface SoloOptions extends Omit<PeersOptions, Needs>, Omit<GrowthOptions, Needs> {
  readonly json: boolean;
  /** File for an SVG of the peers' events per second. */
  readonly chart: string | undefined;
}

/** Measures one part on servers of its own, and prints its report. */
export async function runSolo(part: SoloPart, options: SoloOptions): Promise<void> {
  const { json, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'chat-events-bench-'));
  say(`Starting PostgreSQL and Temporal on temporary data; logs are in ${folder} ...`);
  const stack = await startStack({ availableConsumers: ['persistence', 'email', 'webhook'], syncsCommits: true });
  try {
    const { report, text } = await parts[part]({ ...options, stack, folder });
    const all = { machine: describeMachine(), ...report };
    console.log(json ? JSON.stringify(all, undefined, 2) : `\n${text}`);
  } finally {
    await stack.stop();
  }
  await rm(folder, { recursive: true, force: true });
}

type Run = (
  options: SoloOptions & { readonly stack: Stack; readonly folder: string },
) => Promise<{ readonly report: object; readonly text: string }>;

const parts: Readonly<Record<SoloPart, Run>> = {
  async peers({ chart, ...options }) {
    const { measured, skipped, failed } = await measurePeers({ ...options, random: createRandom(Date.now()) });
    const lines = summarise(measured);
    if (chart !== undefined) await writeFile(chart, drawPeers(lines));
    if (failed.length > 0) process.exitCode = 1;
    const text = printPeers({ machine: describeMachine(), skipped, failed, lines });
    return { report: { skipped, failed, lines, measured }, text };
  },
  async growth(options) {
    const growth = await measureGrowth(options);
    return { report: { growth }, text: printGrowth(growth) };
  },
};
