import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand, type CommandResult } from '../../stack/run-command';
import { copyCheckout } from '../../tests/copy-checkout';

let copy = '';
let remove: () => Promise<void>;

const inCopy = (...command: readonly string[]): Promise<CommandResult> =>
  runCommand(command, { cwd: copy, env: { TEST_LONG: '' } });
const make = (...args: readonly string[]): Promise<CommandResult> =>
  inCopy(process.execPath, '--import', 'tsx', 'scripts/new/new.ts', ...args);

let made: readonly CommandResult[];

beforeAll(async () => {
  ({ dir: copy, remove } = await copyCheckout());
  made = [
    await make('consumer', 'crm'),
    await make('consumer', 'board', '--connection'),
    await make('consumer', 'tally', '--in-database'),
    await make('event', 'Agent.Login'),
  ];
}, 480_000);
afterAll(() => remove());

it('writes consumers and an event, with registration, reference and what to do next', async () => {
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(made.map(({ output }) => output).join('')).toContain('Next:');
  const read = (path: string): Promise<string> => readFile(join(copy, path), 'utf8');
  expect(await read('activities/consumers/registry.ts')).toContain("export { board } from './board/definition';");
  expect(await read('docs/configuration.md')).toContain('`CRM_URL`');
  expect(await read('docs/consumers/board.md')).toContain('CONNECTION_TOKEN');
  expect(await read('docs/events/Agent.Login.md')).toContain('OperatorId');
});

it('what it writes keeps to types, rules, format and reference', async () => {
  expect(await inCopy('tsc', '--noEmit')).toEqual({ code: 0, output: '' });
  expect(await inCopy('oxlint', '--deny-warnings')).toMatchObject({ code: 0 });
  const formatted = await inCopy('prettier', '--check', '--log-level', 'warn', 'activities', 'db', 'events', 'docs');
  expect(formatted).toEqual({ code: 0, output: '' });
  expect(await inCopy(process.execPath, '--import', 'tsx', 'scripts/docs.ts', '--check')).toMatchObject({ code: 0 });
}, 480_000);

it('what it writes passes the contract, and the tests that go over all consumers, events and tables', async () => {
  const suites = [
    ...['crm', 'board', 'tally'].map((name) => `activities/consumers/${name}/`),
    'activities/consumers/relations.test.ts',
    'db/erase-events.test.ts',
    'db/domain/concurrent-savers.test.ts',
    'events/agent-login.test.ts',
    'events/json-schema.test.ts',
    'prisma/drift.test.ts',
    'tests/consumer-contract.test.ts',
  ];
  const { code, output } = await inCopy('jest', '--maxWorkers=2', ...suites);
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  expect(output).toContain('tally-contract.test.ts');
}, 480_000);
