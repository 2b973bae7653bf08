import { createHash, randomBytes } from 'node:crypto';
import { openSendingBench } from '../../tests/sending-bench';
import { ByteBudget } from '../connections/byte-budget';
import { InFlight } from '../connections/in-flight';

let bench: Awaited<ReturnType<typeof openSendingBench>>;

beforeAll(async () => {
  bench = await openSendingBench(undefined, 30_000);
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

/** Of 100,000 characters that cannot be compressed much. */
const large = (): object => ({ agentId: '1', comment: randomBytes(50_000).toString('hex') });

const fileOf = (content: Buffer) => {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const [reference, attachment] = [
    { name: 'a.bin', size: content.length, sha256, content: null },
    { position: 0, name: 'a.bin', sha256, content },
  ];
  return { type: 'OfflineMessage.Submit', data: { attachments: [reference] }, attachments: [attachment] };
};

async function recordLarge(siteId: string): Promise<string> {
  const [id = ''] = await bench.recordedFor(siteId, [await bench.newConnection({ siteId })], { data: large() });
  return id;
}

it('leaves a large event in the database until it is sent, and loads it whole', async () => {
  const loading = jest.spyOn(bench.db, 'readEventData');
  const data = large();
  const [id = ''] = await bench.recordedFor('7', [await bench.newConnection()], { data });
  const [small = ''] = await bench.recorded(await bench.newConnection());
  expect(await bench.attempt([small])).toEqual({ delivered: 1 });
  expect(loading).not.toHaveBeenCalled();
  expect(await bench.attempt([id])).toEqual({ delivered: 1 });
  expect(loading).toHaveBeenCalledTimes(1);
  expect(bench.script.sent[1]?.event.data).toEqual(data);
});

it('has no more large events in memory than there is room for; the others come back, at no cost', async () => {
  bench.script.inFlight = new InFlight(new ByteBudget(250_000));
  const ids = await Promise.all(Array.from({ length: 6 }, (_, n) => recordLarge(`${n}`)));
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  bench.script.send = () => released;
  const attempts = ids.map((id) => bench.attempt([id]).catch((failure: unknown) => failure));
  const come = new Set<number>();
  await new Promise<void>((resolve) => {
    attempts.forEach((one, i) => void one.then(() => come.add(i).size === 4 && resolve()));
  });
  expect(bench.script.sent).toHaveLength(2);
  const turnedAway = new Set(come);
  release();
  for (const [i, result] of (await Promise.all(attempts)).entries()) {
    if (!turnedAway.has(i)) expect(result).toEqual({ delivered: 1 });
    else {
      expect(result).toMatchObject({ type: 'Unavailable', nonRetryable: false, nextRetryDelay: expect.any(Number) });
      expect(await bench.rowOf(ids[i])).toMatchObject({ state: 'pending', tries: 0 });
    }
  }
  expect(await bench.script.inFlight.bytes.take(250_000, '7', false)).toEqual(expect.any(Function)); // all was given back
});

it('takes room for files before it loads them, once however often they are asked for', async () => {
  const content = randomBytes(20_000);
  const [id = ''] = await bench.recordedFor('7', [await bench.newConnection()], fileOf(content));
  const taking = jest.spyOn(bench.script.inFlight.bytes, 'take');
  const reading = jest.spyOn(bench.db, 'readAttachments');
  bench.script.send = async ({ loadAttachments }) => {
    const [first, second] = await Promise.all([loadAttachments(), loadAttachments()]);
    expect(second).toBe(first);
    expect(first).toMatchObject([{ position: 0, name: 'a.bin', content }]);
  };
  expect(await bench.attempt([id])).toEqual({ delivered: 1 });
  expect(taking.mock.calls).toEqual([[20_000, '7', false]]);
  expect(reading).toHaveBeenCalledTimes(1);
});

it('loads no file while there is no room for it', async () => {
  bench.script.inFlight = new InFlight(new ByteBudget(30_000));
  const leave = await bench.script.inFlight.bytes.take(20_000, '7', false);
  const connection = await bench.newConnection({ ratePerSecond: 1_000 });
  const [id = ''] = await bench.recordedFor('7', [connection], fileOf(randomBytes(20_000)));
  const reading = jest.spyOn(bench.db, 'readAttachments').mockClear();
  bench.script.send = async ({ loadAttachments }) => void (await loadAttachments());
  await expect(bench.attempt([id])).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
  // It keeps the slot of its connection's rate.
  expect(await bench.rowOf(id)).toMatchObject({ state: 'pending', tries: 0, slot_at: expect.anything() });
  expect(reading).not.toHaveBeenCalled();
  if (typeof leave === 'function') leave();
});

it('takes no room for a send that is over, not even room that it has waited for', async () => {
  const budget = new ByteBudget(30_000);
  bench.script.inFlight = new InFlight(budget);
  const give = await budget.take(20_000, '8', false);
  const [id = ''] = await bench.recordedFor('7', [await bench.newConnection()], fileOf(randomBytes(20_000)));
  const taking = jest.spyOn(budget, 'take');
  let waiting: Promise<unknown> = Promise.resolve();
  bench.script.send = async ({ loadAttachments }) => {
    waiting = loadAttachments().catch((failure: unknown) => failure);
    while (taking.mock.calls.length === 0) await Promise.resolve();
  };
  expect(await bench.attempt([id])).toEqual({ delivered: 1 });
  if (typeof give === 'function') give();
  expect(await waiting).toMatchObject({ message: expect.stringContaining('has ended') });
  expect(await budget.take(30_000, '8', false)).toEqual(expect.any(Function));
  taking.mockClear();
  const [small = ''] = await bench.recordedFor('7', [await bench.newConnection()], fileOf(randomBytes(20_000)));
  bench.script.send = async () => {};
  expect(await bench.attempt([small])).toEqual({ delivered: 1 });
  await expect(bench.script.sent[1]?.loadAttachments()).rejects.toThrow('has ended');
  expect(taking).not.toHaveBeenCalled();
});
