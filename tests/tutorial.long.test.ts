import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runCommand } from '../stack/run-command';
import { copyCheckout } from './copy-checkout';

const FIRST = 'Chat.Ended/10001/7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10';

/** What each command of the page says, in their order. */
const SAYS: readonly RegExp[] = [
  /Running:/,
  /"acceptedBy":"journal"/,
  /^(?=[^]*Chat\.Ended\.Persistence +delivered)(?=[^]*Chat\.Ended\.Ticket +delivered)/,
  /Next:/,
  /1 passed/,
  /Running:[^]*Applied 1 migrations/,
  /Chat\.Ended\.Visits/,
  /"acceptedBy":"journal"/,
  /Chat\.Ended\.Visits +delivered/,
];

let copy = '';
let remove: () => Promise<void>;
let stack: { readonly child: ChildProcess; output: string } | undefined;
/** Programs of the npm scripts. Their set-up would look for packages, which the copy has. */
let programs: Readonly<Record<string, { readonly program: string }>>;

beforeAll(async () => {
  ({ dir: copy, remove } = await copyCheckout());
  const print = "import('./scripts/commands.mjs').then(({ commands }) => console.log(JSON.stringify(commands)))";
  programs = JSON.parse((await runCommand([process.execPath, '-e', print])).output) as typeof programs;
}, 120_000);

afterAll(async () => {
  await stopStack();
  await remove();
}, 60_000);

/** Without the servers of this test run. */
const { TEMPORAL_ADDRESS: _, DATABASE_URL: __, TEST_LONG: ___, ...environment } = process.env;
const env = { ...environment, TEST_LONG: '' };

const withoutNpm = (command: string): string =>
  command
    .replaceAll(/npm (?:run )?(\w+)(?: --)?/g, (_, name: string) => `node --import tsx ${programs[name]?.program}`)
    .replaceAll('npx ', 'node_modules/.bin/');

async function stopStack(): Promise<void> {
  if (stack === undefined || stack.child.exitCode !== null) return;
  const ended = once(stack.child, 'exit');
  stack.child.kill('SIGINT');
  await ended;
}

/** `npm start` in a terminal of its own: what it prints until it is up. */
async function startStack(): Promise<string> {
  await stopStack();
  const started = { child: spawn('node', ['--import', 'tsx', 'scripts/start.ts'], { cwd: copy, env }), output: '' };
  stack = started;
  for (const stream of [started.child.stdout, started.child.stderr])
    stream.on('data', (text) => (started.output += String(text)));
  while (!started.output.includes('Stop: ') && started.child.exitCode === null) await pause(100);
  return started.output;
}

async function run(command: string): Promise<string> {
  if (command === 'npm start') return startStack();
  const { sidecar } = JSON.parse(await readFile(join(copy, '.data/stack.json'), 'utf8')) as {
    sidecar: { url: string };
  };
  const here = withoutNpm(command).replace('http://127.0.0.1:8787', sidecar.url);
  return (await runCommand(['bash', '-euo', 'pipefail', '-c', here], { cwd: copy, env })).output;
}

it('a first day: each command of the page does what the page says', async () => {
  const page = await readFile('docs/tutorial.md', 'utf8');
  const commands = [...page.matchAll(/^```sh\n([^]*?)\n```$/gm)].map(([, command = '']) => command);
  expect(commands).toHaveLength(SAYS.length);
  for (const [index, command] of commands.entries()) {
    const says = SAYS[index]!;
    let output = await run(command);
    // An event is delivered soon after it is accepted.
    const until = performance.now() + 60_000;
    while (command.includes('events show') && !says.test(output) && performance.now() < until) {
      await pause(500);
      output = await run(command);
    }
    expect(`${command}\n${output}`).toMatch(says);
  }
  const { clusters } = JSON.parse(await readFile(join(copy, '.data/stack.json'), 'utf8')) as {
    clusters: { uiUrl: string }[];
  };
  const workflow = `${clusters[0]?.uiUrl}/api/v1/namespaces/chat-events/workflows/${encodeURIComponent(FIRST)}`;
  expect(await (await fetch(workflow)).text()).toContain('WORKFLOW_EXECUTION_STATUS_COMPLETED');
}, 530_000);
