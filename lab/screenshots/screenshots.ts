import { Connection, WorkflowClient } from '@temporalio/client';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { consumerNames } from '../../activities/consumers';
import { createPublisher } from '../../client';
import { breakTables } from '../queries/break-tables';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { catalogue, type EventType } from '../../events/catalogue';
import { readConfig } from '../../workers/config';
import { startWorker } from '../../workers/start-worker';
import { startStack, type Stack } from '../../stack/start-stack';
import { runCommandLine } from '../command-line';
import { openBrowser, type BrowserPage } from './open-browser';

const USAGE = 'npm run screenshots: writes docs/images/*.png anew. It needs Chromium.';

const folder = join(__dirname, '..', '..', 'docs', 'images');

/** The tables `conversion` and `agent_ban` are broken: the first two events are parked, the next two are tried again and again. */
const events = [
  ['Agent.Ban', 'ban-54'],
  ['Agent.Ban', 'ban-55'],
  ['Conversion.Log', 'order-77'],
  ['Conversion.Log', 'order-78'],
  ['Chat.Ended', undefined],
  ['Visit.Log', 'visit-90311'],
  ['Visitor.Rating', 'rating-2208'],
] as const satisfies readonly (readonly [EventType, string | undefined])[];

const [{ SiteId: site }, parked, retried] = [catalogue['Agent.Ban'].example, events[1], events[2]];

interface Shot {
  readonly file: string;
  /** The event whose workflow is shown; none: the list of open ones. */
  readonly key?: string;
  readonly tab?: string;
  /** Stands on the page when it is complete. */
  readonly shows: string;
  /** In pixels; the width is always the same. */
  readonly height: number;
}

const WIDTH = 1280;
const shots: readonly Shot[] = [
  { file: 'web-ui-open.png', shows: 'ban-54', height: 560 },
  { file: 'web-ui-parked.png', key: eventKeyOf(parked), tab: 'user-metadata', shows: 'Current Details', height: 960 },
  { file: 'web-ui-retried.png', key: eventKeyOf(retried), tab: 'pending-activities', shows: 'SQLSTATE', height: 800 },
];

function openRuns(): string {
  return 'WorkflowType = "processChatEvent" AND ExecutionStatus = "Running"';
}

/** Of the event, and so the id of its workflow. */
function eventKeyOf([type, id]: readonly [string, string]): string {
  return `${type}/${String(site)}/${id}`;
}

/** `npm run screenshots`: plays a small piece of a bad day on temporary data and takes the pictures of the documentation. */
async function main(): Promise<void> {
  const browser = await openBrowser();
  try {
    const stack = await startStack({
      availableConsumers: consumerNames,
      headless: false,
    });
    try {
      await takePictures(browser, stack);
    } finally {
      await stack.stop();
    }
  } finally {
    await browser.close();
  }
}

async function takePictures(browser: BrowserPage, { postgres, temporal }: Stack): Promise<void> {
  const { address, uiUrl } = temporal;
  const config = readConfig({ DATABASE_URL: postgres.url, TEMPORAL_ADDRESS: address, WORKER_PORT: '0' });
  const { TEMPORAL_NAMESPACE: namespace } = config;
  const worker = await startWorker(config, { log: pino({ level: 'silent' }) });
  const connection = Connection.lazy({ address });
  const client = new WorkflowClient({ connection, namespace });
  try {
    await Promise.race([worker.ready, worker.done]);
    await publishEvents(postgres.url, address, namespace);
    for (let left = 240; left > 0 && !(await isBadEnough(client)); left -= 1) await pause(500);
    await mkdir(folder, { recursive: true });
    for (const { file, key, tab, shows, height } of shots) {
      const page = key === undefined ? listPage() : await runPage(client, key, tab ?? '');
      await browser.show(`${uiUrl}/namespaces/${namespace}/workflows${page}`, shows);
      await browser.shoot(join(folder, file), WIDTH, height);
      console.log(`docs/images/${file}`);
    }
  } finally {
    await connection.close();
    await worker.stop();
  }
}

const listPage = (): string => `?query=${encodeURIComponent(openRuns())}`;

async function runPage(client: WorkflowClient, workflowId: string, tab: string): Promise<string> {
  const { runId } = await client.getHandle(workflowId).describe();
  return `/${encodeURIComponent(workflowId)}/${runId}/${tab}`;
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
  const { raw } = await client.getHandle(eventKeyOf(retried)).describe();
  return count === 2 && (raw.pendingActivities?.[0]?.attempt ?? 0) >= 4;
}

runCommandLine(USAGE, {}, main);
