import { Connection, WorkflowClient } from '@temporalio/client';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { consumerNames } from '../../activities/consumers';
import { createPublisher } from '../../client';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { catalogue, type EventType } from '../../events/catalogue';
import { TASK_QUEUE } from '../../protocol/constants';
import { readConfig } from '../../workers/config';
import { startWorker } from '../../workers/start-worker';
import { startStack, type Stack } from '../../stack/start-stack';
import { number, runCommandLine } from '../command-line';
import { breakTables, mendTables } from '../queries/break-tables';
import { openBrowser, type BrowserPage } from './open-browser';

const USAGE = `npm run screenshots -- [--parked N]: writes docs/images/*.png anew, and fails where a page of the Web UI lacks what it has to say.
It needs Chromium.

  --parked N  parked deliveries of the stack; default 1500`;

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
  /** Id of the workflow that is shown; none: the list of workflows. */
  readonly workflow?: string;
  readonly tab?: string;
  /** Each stands on the page when it is complete. */
  readonly shows: readonly string[];
  /** In pixels; the width is always the same. */
  readonly height: number;
}

const WIDTH = 1280;
const OPEN = 'WorkflowType = "processChatEvent" AND ExecutionStatus = "Running"';
const PARKED = 'ParkedQueues = "Agent.Ban" AND ExecutionStatus = "Running"';
const REDRIVE = 'redrive/bans';
/** Deliveries per second: the picture is taken while it is at it. */
const RATE = 25;

/** Of the day when the table of bans refuses each row. */
const broken: readonly Shot[] = [
  { file: 'web-ui-open.png', shows: ['ban-54', 'processChatEvent', 'Running'], height: 560 },
  {
    file: 'web-ui-parked.png',
    workflow: eventKeyOf(parked),
    tab: 'user-metadata',
    shows: [
      'Current Details',
      'Agent.Ban site 10001',
      '1 of 1 delivery is parked.',
      'SQLSTATE 23514',
      'chat-events-ops deliveries redrive --site 10001 --queue Agent.Ban --failure Rejected',
      'docs/runbook.md',
    ],
    height: 960,
  },
  {
    file: 'web-ui-retried.png',
    workflow: eventKeyOf(retried),
    tab: 'pending-activities',
    shows: ['Conversion.Log', 'SQLSTATE 55000'],
    height: 800,
  },
];

/** After it was mended, while all are sent again. */
const mended: readonly Shot[] = [
  {
    file: 'web-ui-redrive.png',
    workflow: REDRIVE,
    tab: 'user-metadata',
    shows: ['Current Details', 'deliveries so far', `${RATE} per second`],
    height: 560,
  },
];

/** Of the event, and so the id of its workflow. */
function eventKeyOf([type, id]: readonly [string, string]): string {
  return `${type}/${String(site)}/${id}`;
}

/** `npm run screenshots`: plays a piece of a bad day on temporary data, reads the pages of the Web UI, and takes the pictures of the documentation. */
async function main({ parked: count }: { readonly parked: number }): Promise<void> {
  const browser = await openBrowser();
  try {
    const stack = await startStack({
      availableConsumers: consumerNames,
      headless: false,
    });
    try {
      await takePictures(browser, stack, count);
    } finally {
      await stack.stop();
    }
  } finally {
    await browser.close();
  }
}

async function takePictures(browser: BrowserPage, { postgres, temporal }: Stack, count: number): Promise<void> {
  const { address, uiUrl } = temporal;
  const config = readConfig({ DATABASE_URL: postgres.url, TEMPORAL_ADDRESS: address, WORKER_PORT: '0' });
  const { TEMPORAL_NAMESPACE: namespace } = config;
  const worker = await startWorker(config, { log: pino({ level: 'silent' }) });
  const connection = Connection.lazy({ address });
  const client = new WorkflowClient({ connection, namespace });
  const pool = createPool(postgres.url);
  const take = async (shots: readonly Shot[]): Promise<void> => {
    for (const shot of shots) await shoot(browser, `${uiUrl}/namespaces/${namespace}/workflows`, client, shot);
  };
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    for (let left = 600; !(await isSo()); left -= 1) {
      if (left === 0) throw new Error('The stack did not come as far as the pictures need it within five minutes.');
      await pause(500);
    }
  };
  try {
    await Promise.race([worker.ready, worker.done]);
    await breakTables(onPool(pool), 999_999);
    await publishEvents(address, namespace, count);
    await until(() => isBadEnough(client, count));
    await mkdir(folder, { recursive: true });
    await take(broken);
    await mendTables(onPool(pool));
    const args = [{ action: 'redrive', failure: 'Rejected', rate: RATE }];
    await client.start('resumeDeliveries', { taskQueue: TASK_QUEUE, workflowId: REDRIVE, args });
    await take(mended);
    await until(async () => (await client.count(PARKED)).count === 0);
  } finally {
    await pool.end();
    await connection.close();
    await worker.stop();
  }
}

/** @throws when the page does not show what it has to */
async function shoot(
  browser: BrowserPage,
  url: string,
  client: WorkflowClient,
  { file, workflow, tab = '', shows, height }: Shot,
): Promise<void> {
  const page = workflow === undefined ? `?query=${encodeURIComponent(OPEN)}` : await runPage(client, workflow, tab);
  await browser.show(`${url}${page}`, shows);
  await browser.shoot(join(folder, file), WIDTH, height);
  console.log(`docs/images/${file}`);
}

async function runPage(client: WorkflowClient, workflowId: string, tab: string): Promise<string> {
  const { runId } = await client.getHandle(workflowId).describe();
  return `/${encodeURIComponent(workflowId)}/${runId}/${tab}`;
}

const AT_ONCE = 50;

/** The events of the list last, so that they stand at the top of the Web UI's list. */
async function publishEvents(address: string, namespace: string, count: number): Promise<void> {
  const clusters = [{ name: 'main', address, namespace }];
  const publisher = createPublisher({ clusters, deadlineMs: 60_000, maxBatch: 1, maxInFlight: AT_ONCE });
  const publish = ([type, id]: readonly [EventType, string | undefined]): Promise<unknown> =>
    publisher.publish(type, catalogue[type].example, id === undefined ? {} : { id });
  try {
    const bans = Array.from({ length: count - 2 }, (_, n) => ['Agent.Ban', `ban-of-${n}`] as const);
    while (bans.length > 0) await Promise.all(bans.splice(0, AT_ONCE).map(publish));
    for (const event of events) await publish(event);
  } finally {
    await publisher.close();
  }
}

/** All bans are parked, and one other delivery has been tried several times. */
async function isBadEnough(client: WorkflowClient, parked: number): Promise<boolean> {
  const { count } = await client.count(PARKED);
  const { raw } = await client.getHandle(eventKeyOf(retried)).describe();
  return count === parked && (raw.pendingActivities?.[0]?.attempt ?? 0) >= 4;
}

runCommandLine(USAGE, { parked: number(1_500, { least: 2 }) }, main);
