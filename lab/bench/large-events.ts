import { setTimeout as pause } from 'node:timers/promises';
import { createSecretBox } from '../../activities/connections/secret-box';
import { createPublisher, type EventType, type WireData } from '../../client';
import { countDeliveries } from '../queries/counts';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { catalogue } from '../../events/catalogue';
import { openDestinations } from '../destinations';
import type { Stack } from '../../stack/start-stack';
import { makeChat } from '../make-events';
import { residentMegabytes } from '../process-usage';

/** Resident memory of the worker in MB, at most, while many large events cannot be delivered. */
export interface LargeEvents {
  readonly before: number;
  /** Chats of almost 2 MiB whose endpoint answers 503: their runs stay open. */
  readonly openRuns: number;
  readonly besideOpenRuns: number;
  /** Offline messages with a file of 14 MiB each, that are mailed at once to a server that does not answer. */
  readonly files: number;
  readonly besideFiles: number;
}

export interface LargeEventsOptions {
  readonly stack: Stack;
  /** The worker's. */
  readonly secretsKey: string;
  readonly workerPid: number;
  readonly say: (text: string) => void;
}

const OPEN_RUNS = 60;
/** Published and not yet sent, at most. */
const AHEAD = 8;
const FILES = 24;
/** One connection lets ten sends in. */
const SITES = ['20091', '20092', '20093', '20094', '20095'] as const;
const MIB = 1024 * 1024;

/** @throws when the events have not come to their destinations in time */
export async function measureLargeEvents({
  stack,
  secretsKey,
  workerPid,
  say,
}: LargeEventsOptions): Promise<LargeEvents> {
  const pool = createPool(stack.postgres.url);
  const db = onPool(pool);
  let requests = 0;
  let mails = 0;
  let hangs = false;
  const refuse = (): { status: number } => {
    requests += 1;
    return { status: 503 };
  };
  const destinations = await openDestinations(db, createSecretBox(secretsKey), {
    webhooks: Object.fromEntries(SITES.map((siteId) => [siteId, refuse])),
    mailFaults: {
      data: () => {
        if (!hangs) return undefined;
        mails += 1;
        return 'stall';
      },
    },
  });
  const cluster = { name: 'main', address: stack.temporal.address };
  const inline = createPublisher({ clusters: [cluster], deadlineMs: 120_000 });
  const stored = createPublisher({
    clusters: [cluster],
    largeEvents: { dir: stack.largeEventsDir },
    deadlineMs: 600_000,
  });
  const watch = watchMemory(workerPid);
  try {
    const before = watch.take();
    say(`Memory beside ${OPEN_RUNS} open runs of almost 2 MiB:`);
    for (let n = 0; n < OPEN_RUNS; n++) {
      await inline.publish('Chat.Ended', longChat(SITES[n % SITES.length] ?? ''));
      await until(() => requests > n - AHEAD, 'webhooks');
    }
    await until(() => requests >= OPEN_RUNS, 'webhooks');
    const besideOpenRuns = watch.take();
    say(`  ${before} MB before, ${besideOpenRuns} MB at most; and while ${FILES} files of 14 MiB are mailed:`);
    hangs = true;
    const { events } = await countDeliveries(db);
    for (let n = 0; n < FILES; n++) {
      await stored.publish('OfflineMessage.Submit', withFile(SITES[n % SITES.length] ?? ''));
    }
    await until(async () => (await countDeliveries(db)).events >= events + FILES && mails > 0, 'mails');
    await pause(5_000); // all that may be sent at once is being sent
    const besideFiles = watch.take();
    say(`  ${besideFiles} MB at most`);
    return { before, openRuns: OPEN_RUNS, besideOpenRuns, files: FILES, besideFiles };
  } finally {
    watch.stop();
    await Promise.all([inline.close(), stored.close()]);
    await destinations.close();
    await pool.end();
  }
}

/** The catalogue's example with a thousand messages. */
function longChat(siteId: string): WireData['Chat.Ended'] {
  const { Chat, ...rest } = makeChat(siteId).data;
  const message = { Time: '2026-03-02T09:18:00', SenderType: 1, SenderName: 'Bob Agent', Content: 'x'.repeat(1_700) };
  return { Chat: { ...Chat, Messages: Array.from({ length: 1_000 }, () => message) }, ...rest };
}

function withFile(siteId: string): WireData['OfflineMessage.Submit'] {
  const { example } = catalogue['OfflineMessage.Submit' satisfies EventType];
  const content = Buffer.alloc(14 * MIB, 'chat events ').toString('base64');
  return { ...example, SiteId: Number(siteId), AttachmentName: 'scan.pdf', AttachmentContent: content };
}

/** The most that a process has had since it was last asked. */
function watchMemory(pid: number): { take(): number; stop(): void } {
  let most = 0;
  const look = (): number => (most = Math.max(most, Math.round(residentMegabytes(pid) ?? NaN)));
  const timer = setInterval(look, 100);
  return {
    take() {
      look();
      const taken = most;
      most = 0;
      return taken;
    },
    stop: () => clearInterval(timer),
  };
}

const WITHIN_MS = 300_000;

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Not all ${what} came within ${WITHIN_MS / 1000} s.`);
    await pause(200);
  }
}
