/** `npx tsx lab/bench/summarise-profile.ts FOLDER`: where the worker's threads spent their time, by category. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

interface Frame {
  readonly functionName: string;
  readonly url: string;
}

const TOP = 12;

for (const file of readdirSync(process.argv[2] ?? '.').filter((name) => name.endsWith('.cpuprofile'))) {
  const profile = JSON.parse(readFileSync(join(process.argv[2] ?? '.', file), 'utf8')) as Profile; // written by V8
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const categories = new Map<string, number>();
  const functions = new Map<string, number>();
  profile.samples.forEach((id, i) => {
    const frame = frames.get(id);
    const milliseconds = (profile.timeDeltas[i] ?? 0) / 1000;
    if (frame === undefined || frame.functionName === '(idle)') return;
    const category = categoryOf(frame);
    add(categories, category, milliseconds);
    add(functions, `${frame.functionName || '(anonymous)'}  ${category}`, milliseconds);
  });
  console.log(`\n${file}\n${table(categories)}\n  -- functions --\n${table(functions)}`);
}

function categoryOf({ functionName, url }: Frame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'V8 built-ins';
  if (url.startsWith('node:')) return 'Node';
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)?.[1];
  if (name !== undefined) return name;
  return /workflow-bundle/.test(url) ? 'workflow bundle' : `ours: ${/dist\/([^/]+)/.exec(url)?.[1] ?? url}`;
}

function add(sums: Map<string, number>, name: string, milliseconds: number): void {
  sums.set(name, (sums.get(name) ?? 0) + milliseconds);
}

function table(sums: Map<string, number>): string {
  const all = [...sums.values()].reduce((total, value) => total + value, 0);
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, TOP)
    .map(
      ([name, value]) =>
        `  ${value.toFixed(0).padStart(8)} ms ${((100 * value) / all).toFixed(1).padStart(5)} %  ${name}`,
    )
    .join('\n');
}
