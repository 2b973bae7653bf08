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

beforeAll(async () => void ({ dir: copy, remove } = await copyCheckout()), 120_000);
afterAll(() => remove());

it('writes consumers and an event that pass the types, the rules and their tests as they are', async () => {
  const made = [
    await make('consumer', 'crm'),
    await make('consumer', 'board', '--connection'),
    await make('consumer', 'tally', '--in-database'),
    await make('event', 'Agent.Login'),
  ];
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(made.map(({ output }) => output).join('')).toContain('Next:');

  const registry = await readFile(join(copy, 'activities/consumers/registry.ts'), 'utf8');
  expect(registry).toContain("export { board } from './board/definition';");
  expect(await readFile(join(copy, 'docs/configuration.md'), 'utf8')).toContain('`CRM_URL`');
  expect(await readFile(join(copy, 'docs/consumers/board.md'), 'utf8')).toContain('CONNECTION_TOKEN');

  expect(await inCopy('tsc', '--noEmit')).toEqual({ code: 0, output: '' });
  expect(await inCopy('oxlint', '--deny-warnings')).toMatchObject({ code: 0 });
  expect(await inCopy('prettier', '--check', '--log-level', 'warn', 'activities', 'db', 'events', 'docs')).toEqual({
    code: 0,
    output: '',
  });
  expect(await inCopy(process.execPath, '--import', 'tsx', 'scripts/docs.ts', '--check')).toMatchObject({ code: 0 });
  const suites = [
    ...['crm', 'board', 'tally'].map((name) => `activities/consumers/${name}/`),
    'activities/consumers/relations.test.ts',
    'db/erase-events.test.ts',
    'db/domain/concurrent-savers.test.ts',
    'events/',
    'prisma/drift.test.ts',
    'prisma/seed.test.ts',
    'tests/consumer-contract.test.ts',
    'tests/docs.test.ts',
  ];
  const tests = await inCopy('jest', '--maxWorkers=2', ...suites);
  expect(tests).toMatchObject({ code: 0, output: expect.stringContaining('tally-contract.test.ts') });
}, 530_000);

it.each([
  [['consumer', 'Crm'], 'small letters'],
  [['consumer', 'email'], 'There is a consumer email already.'],
  [['consumer', 'default'], 'cannot be the name'],
  [['event', 'chat.ended'], 'each with a capital'],
  [['event', 'Chat.Ended'], 'There is an event Chat.Ended already.'],
  [['consumer', 'one', '--connection', '--in-database'], 'npm run new'],
  [['consumer'], 'npm run new'],
])('refuses %j, and writes nothing', async (args, said) => {
  const { code, output } = await make(...args);
  expect(code).toBe(2);
  expect(output).toContain(said);
});
