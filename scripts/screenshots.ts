import { Connection, WorkflowClient } from '@temporalio/client';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { createConsumers } from '../activities/consumers';
import { createPublisher } from '../client';
import { breakTables } from '../db/demo/break-tables';
import { saveEvents } from '../db/domain/save-events';
import { createPool } from '../db/pool';
import { onPool } from '../db/tx';
import { catalogue, type EventType } from '../events/catalogue';
import { readConfig } from '../workers/config';
import { startWorker } from '../workers/start-worker';
import { runCommand } from './run-command';
import { startStack } from './stack/start-stack';

const folder = join(__dirname, '..', 'docs', 'images');
const browsers = ['chromium', 'chromium-browser', 'google-chrome'];
const NO_BROWSER = `None of ${browsers.join(', ')} is on the PATH. Install one, on Debian: apt-get install chromium`;

/** The tables `conversion` and `agent_ban` are broken: the first two events are parked, the next two are tried again and again. */
const events = [
  ['Agent.Ban', 'ban-5401'],
  ['Agent.Ban', 'ban-5402'],
  ['Conversion.Log', 'order-7710'],
  ['Conversion.Log', 'order-7711'],
  ['Chat.Ended', undefined],
  ['Visit.Log', 'visit-90311'],
  ['Visitor.Rating', 'rating-2208'],
] as const satisfies readonly (readonly [EventType, string | undefined])[];

const [{ SiteId: site }, parked, retried] = [catalogue['Agent.Ban'].example, events[1], events[2]];

/** Picture by picture: its file, whose page of the Web UI (without a run: the list of open ones), its size in pixels. */
const shots = [
  { file: 'web-ui-open.png', run: undefined, tab: '', size: '1280,560' },
  { file: 'web-ui-parked.png', run: keyOf(parked), tab: 'history', size: '1280,900' },
  { file: 'web-ui-retried.png', run: keyOf(retried), tab: 'pending-activities', size: '1280,900' },
] as const;

function openRuns(): string {
  return 'WorkflowType = "processChatEvent" AND ExecutionStatus = "Running"';
}

/** Of the event, and so the id of its workflow. */
function keyOf([type, id]: readonly [string, string]): string {
  return `${type}/${String(site)}/${id}`;
}

/** `npm run screenshots`: plays a small piece of a bad day on temporary data and takes the pictures of the documentation. */
async function main(): Promise<void> {
  const browser = await findBrowser();
  const stack = await startStack({ availableConsumers: Object.keys(createConsumers({ saveEvents })), headless: false });
  try {
    const { address } = stack.temporal;
    const config = readConfig({ DATABASE_URL: stack.postgres.url, TEMPORAL_ADDRESS: address, WORKER_PORT: '0' });
    const { TEMPORAL_NAMESPACE: namespace } = config;
    const worker = await startWorker(config, { log: pino({ level: 'silent' }) });
    const connection = Connection.lazy({ address });
    const client = new WorkflowClient({ connection, namespace });
    try {
      await Promise.race([worker.ready, worker.done]);
      await publishEvents(stack.postgres.url, address, namespace);
      for (let left = 240; left > 0 && !(await isBadEnough(client)); left -= 1) await pause(500);
      await mkdir(folder, { recursive: true });
      for (const { file, run, tab, size } of shots) {
        const page = run === undefined ? listPage() : await runPage(client, run, tab);
        await shoot(browser, `${stack.temporal.uiUrl}/namespaces/${namespace}/workflows${page}`, file, size);
      }
    } finally {
      await connection.close();
      await worker.stop();
    }
  } finally {
    await stack.stop();
  }
}

const listPage = (): string => `?query=${encodeURIComponent(openRuns())}`;

async function runPage(client: WorkflowClient, workflowId: string, tab: string): Promise<string> {
  const { runId } = await client.getHandle(workflowId).describe();
  return `/${encodeURIComponent(workflowId)}/${runId}/${tab}`;
}

async function findBrowser(): Promise<string> {
  for (const browser of browsers) {
    if ((await runCommand([browser, '--version'])).code === 0) return browser;
  }
  throw new Error(NO_BROWSER);
}

async function publishEvents(databaseUrl: string, address: string, namespace: string): Promise<void> {
  const pool = createPool(databaseUrl);
  const publisher = createPublisher({ clusters: [{ name: 'main', address, namespace }], deadlineMs: 30_000 });
  try {
    await breakTables(onPool(pool), 999_999);
    for (const [type, id] of events) {
      await publisher.publish(type, catalogue[type].example, id === undefined ? {} : { id });
    }
  } finally {
    await publisher.close();
    await pool.end();
  }
}

/** Two deliveries are parked, and one has been tried several times. */
async function isBadEnough(client: WorkflowClient): Promise<boolean> {
  const { count } = await client.count(`${openRuns()} AND ParkedQueues = "Agent.Ban"`);
  const { raw } = await client.getHandle(keyOf(retried)).describe();
  return count === 2 && (raw.pendingActivities?.[0]?.attempt ?? 0) >= 4;
}

/** @param size width and height in pixels, as `1280,720` */
async function shoot(browser: string, url: string, name: string, size: string): Promise<void> {
  const file = join(folder, name);
  const profile = await mkdtemp(join(tmpdir(), 'screenshots-'));
  try {
    await rm(file, { force: true });
    const { output } = await runCommand([
      browser,
      '--headless',
      '--no-sandbox', // root, as in a container, has no other way; the page is our own
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--hide-scrollbars',
      `--user-data-dir=${profile}`,
      '--virtual-time-budget=15000',
      `--window-size=${size}`,
      `--screenshot=${file}`,
      url,
    ]);
    if (!(await stat(file).catch(() => undefined))) throw new Error(`No picture of ${url}: ${output}`);
    console.log(`docs/images/${name}`);
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
