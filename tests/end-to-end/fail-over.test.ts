import { setTimeout as pause } from 'node:timers/promises';
import { createPublisher, type Publisher, type Receipt } from '../../client';
import { startTemporal, type Temporal } from '../../stack/start-temporal';
import { freshNamespace, type FreshNamespace } from '../fresh-namespace';
import { ban, newId } from '../scripted-run';

/** What a busy machine adds to a second, at the most. */
const BUSY_MS = 4_000;
const ATTEMPT_MS = 2_000;

let [main, standby]: Temporal[] = [];
let spaces: FreshNamespace[];
let publisher: Publisher;

beforeAll(async () => {
  [main, standby] = await Promise.all([startTemporal(), startTemporal()]);
  spaces = await Promise.all([main, standby].map((one) => freshNamespace(one?.address)));
}, 120_000);

afterAll(async () => {
  await Promise.all(spaces.map((space) => space.close()));
  await Promise.all([main?.stop(), standby?.stop()]);
}, 60_000);

beforeEach(() => {
  const clusters = [main, standby].map((one, n) => ({
    name: n === 0 ? 'main' : 'standby',
    address: one?.address ?? '',
    namespace: spaces[n]?.namespace ?? '',
  }));
  publisher = createPublisher({ clusters, attemptDeadlineMs: ATTEMPT_MS, deadlineMs: 30_000 });
});

afterEach(() => publisher.close());

const publish = (id = newId('over')) => publisher.publish('Agent.Ban', ban(id).data, { id });

/** One after the other, by ten at once, until told to stop. */
function publishSteadily() {
  const receipts: { readonly receipt: Receipt; readonly at: number; readonly tookMs: number }[] = [];
  let isOver = false;
  const lines = Array.from({ length: 10 }, async () => {
    while (!isOver) {
      const began = performance.now();
      const receipt = await publish();
      receipts.push({ receipt, at: performance.now(), tookMs: performance.now() - began });
      await pause(5);
    }
  });
  return {
    receipts,
    until: async (isSo: () => boolean) => {
      while (!isSo()) await pause(5);
    },
    stop: async () => {
      isOver = true;
      await Promise.all(lines);
    },
  };
}

const by = (name: string) => (one: { readonly receipt: Receipt }) => one.receipt.acceptedBy === name;
const verdict = () => publisher.status().clusters[0]?.verdict;

it('main is killed: the next event is with standby within a second, none fails, and main is taken again when it is back', async () => {
  const { receipts, until, stop } = publishSteadily();
  await until(() => receipts.some(by('main')));
  const killed = performance.now();
  await main?.kill();
  await until(() => receipts.some(by('standby')));
  expect((receipts.find(by('standby'))?.at ?? Infinity) - killed).toBeLessThan(BUSY_MS);
  expect(verdict()).toBe('down');
  await main?.restart();
  await until(() => by('main')(receipts.at(-1) as (typeof receipts)[number])); // there are some
  await stop();
  expect(receipts.every(({ receipt }) => !receipt.duplicate)).toBe(true);
  for (const { receipt } of receipts.filter(by('standby')).slice(0, 20)) {
    await spaces[1]?.client.workflow.getHandle(receipt.workflowId).describe();
  }
}, 120_000);

it('main is stopped: what waits for it is with standby after deadline and probe, the next at once, and main comes back', async () => {
  const { receipts, until, stop } = publishSteadily();
  await until(() => receipts.some(by('main')));
  const stopped = performance.now();
  process.kill(main?.pid ?? 0, 'SIGSTOP');
  try {
    await until(() => receipts.some(by('standby')));
    expect(performance.now() - stopped).toBeLessThan(2 * ATTEMPT_MS + BUSY_MS);
    const { tookMs } = await publishOne();
    expect(tookMs).toBeLessThan(BUSY_MS);
    expect(verdict()).toBe('down');
  } finally {
    process.kill(main?.pid ?? 0, 'SIGCONT');
  }
  await until(() => by('main')(receipts.at(-1) as (typeof receipts)[number])); // there are some
  await stop();
}, 120_000);

async function publishOne(): Promise<{ tookMs: number }> {
  const began = performance.now();
  expect(await publish()).toMatchObject({ acceptedBy: 'standby' });
  return { tookMs: performance.now() - began };
}
