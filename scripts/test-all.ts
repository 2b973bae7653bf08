import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from '../stack/run-command';

/** The fields of jest's JSON about one test file that are used here. */
interface Suite {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

const SKIPPED = new Set(['pending', 'skipped', 'todo', 'disabled']);

/** The Node that production runs; npm fetches it into its own cache, on demand. */
const PRODUCTION_NODE = 24;

/**
 * Every suite: those of `npm test`, the same on the Node of production where this is another one, then the long ones (`*.long.test.ts`) one after the other, as they put the machine under load.
 * Ends with a line per suite, and each test that was skipped; the title of such a test says why.
 */
async function main(): Promise<void> {
  const { json } = parseArgs({ options: { json: { type: 'boolean', default: false } } }).values;
  const short = await runJest(json, {}, ['jest']);
  const onProduction = await runJest(json, {}, productionJest());
  const long = await runJest(json, { TEST_LONG: '1' }, ['jest', '--runInBand']);
  const results = [
    ...short.map((suite) => summarise(suite)),
    ...onProduction.map((suite) => summarise(suite, ` on Node ${PRODUCTION_NODE}`)),
    ...long.map((suite) => summarise(suite)),
  ];
  if (json) console.log(JSON.stringify(results, undefined, 2));
  else console.log(['', 'Every suite:', ...results.map(asLine), '', total(results)].join('\n'));
  if (results.length === 0 || results.some(({ failed }) => failed > 0)) process.exitCode = 1;
}

/** Empty where this process runs on that version. */
function productionJest(): string[] {
  if (Number(process.versions.node.split('.')[0]) === PRODUCTION_NODE) return [];
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const node = `node-${platform}-${process.arch}@${PRODUCTION_NODE}`;
  return ['npm', 'exec', '--yes', `--package=${node}`, '--', 'node', 'node_modules/jest/bin/jest.js'];
}

async function runJest(quiet: boolean, env: NodeJS.ProcessEnv, jest: readonly string[]): Promise<readonly Suite[]> {
  if (jest.length === 0) return [];
  const folder = await mkdtemp(join(tmpdir(), 'test-all-'));
  try {
    const outputFile = join(folder, 'jest.json');
    const flags = ['--json', '--passWithNoTests', `--outputFile=${outputFile}`];
    const { output } = await runCommand([...jest, ...flags], { show: !quiet, env });
    const written = await readFile(outputFile, 'utf8').catch((cause: unknown) => {
      throw new Error(`jest ended without a result. ${output}`, { cause });
    });
    // jest's own format.
    return (JSON.parse(written) as { testResults: Suite[] }).testResults;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function summarise(suite: Suite, on = '') {
  const of = (wanted: (status: string) => boolean) => suite.assertionResults.filter(({ status }) => wanted(status));
  return {
    suite: `${relative(process.cwd(), suite.name)}${on}`,
    passed: of((status) => status === 'passed').length,
    // A file that cannot be run at all has no tests, but is a failure.
    failed: Math.max(of((status) => status === 'failed').length, suite.status === 'failed' ? 1 : 0),
    skipped: of((status) => SKIPPED.has(status)).map(({ fullName }) => fullName),
    seconds: Math.round((suite.endTime - suite.startTime) / 100) / 10,
  };
}

type Summary = ReturnType<typeof summarise>;

function asLine({ suite, passed, failed, skipped, seconds }: Summary): string {
  const counts = [
    `${passed} passed`,
    failed > 0 && `${failed} FAILED`,
    skipped.length > 0 && `${skipped.length} skipped`,
  ];
  const line = `  ${suite}: ${counts.filter(Boolean).join(', ')} (${seconds} s)`;
  return [line, ...skipped.map((title) => `    skipped: ${title}`)].join('\n');
}

function total(results: readonly Summary[]): string {
  const sum = (count: (result: Summary) => number) => results.reduce((all, result) => all + count(result), 0);
  return `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed, ${sum(({ skipped }) => skipped.length)} skipped`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
