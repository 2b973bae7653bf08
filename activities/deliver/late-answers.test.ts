import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { WORKFLOW_RUN } from '../../tests/activity-environment';
import { openSendingBench, type Request } from '../../tests/sending-bench';
import { ByteBudget } from '../connections/byte-budget';
import { InFlight } from '../connections/in-flight';
import { DeliveryFailure } from '../failures';

let bench: Awaited<ReturnType<typeof openSendingBench>>;

beforeAll(async () => {
  bench = await openSendingBench();
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

const AWAITED = { type: 'Unavailable', message: 'It was sent, and its answer is awaited.', nonRetryable: false };

/** From now on what is sent is answered when the test says so. */
function holdAnswers() {
  const answers = { come: (): void => {}, failure: undefined as Error | undefined };
  const come = new Promise<void>((resolve) => (answers.come = resolve));
  bench.script.send = async (request: Request) => {
    const answered = request.allSent();
    const stopping = request.stopping.aborted ? Promise.resolve() : once(request.stopping, 'abort');
    await Promise.race([come, stopping.then(() => Promise.reject(new DeliveryFailure('Unconfirmed', 'stopped')))]);
    answered();
    if (answers.failure !== undefined) throw answers.failure;
  };
  return answers;
}

it('lets its activity go at the deadline, keeps the lease, and writes the answer that comes later', async () => {
  const [id] = await bench.recorded(await bench.newConnection({ maxInFlight: 1 }));
  const other = await bench.recorded(await bench.newConnection());
  const ids = id === undefined ? [] : [id];
  const answers = holdAnswers();
  await expect(bench.attempt(ids)).rejects.toMatchObject(AWAITED);
  const renewed = await bench.pool.query(
    "select lease_until > now() + interval '11 s' as renewed from delivery where id = $1",
    [id],
  );
  expect(renewed.rows).toEqual([{ renewed: true }]);
  expect(await bench.rowOf(id)).toMatchObject({ state: 'pending', tries: 0 });
  // Nobody else sends it meanwhile, and its site and its slot are free for others; its connection is not.
  await expect(bench.attempt(ids)).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
  expect(bench.script.sent).toHaveLength(1);
  bench.script.send = async () => {};
  expect(await bench.attempt(other)).toEqual({ delivered: 1 });
  const { connection_id: connectionId } = await bench.rowOf(id);
  expect(bench.script.inFlight.enter(connectionId, 1)).toEqual(expect.any(Number));
  answers.come();
  await bench.script.lateAnswers.close();
  expect(await bench.rowOf(id)).toMatchObject({ state: 'delivered', tries: 1, lease_token: null });
  expect(bench.script.inFlight.enter(connectionId, 1)).toEqual(expect.any(Function));
});

it('lets a local attempt go after two seconds, although its send has time left, and tells its run when it has ended', async () => {
  const slow = await openSendingBench(undefined, 30_000);
  const [id = ''] = await slow.recorded(await slow.newConnection());
  let end = (): void => {};
  slow.script.send = () => new Promise((resolve) => (end = resolve));
  await expect(slow.attempt([id], slow.box, false, { isLocal: true })).rejects.toMatchObject(AWAITED);
  // Two seconds after it took its slot, a moment later, its site's next deliveries go to the queue at once.
  while (!slow.script.slots.isSlow('7')) await setImmediate();
  await expect(slow.attempt([id])).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false }); // leased
  expect(slow.script.refreshed).toEqual([]);
  const ended = slow.script.lateAnswers.untilEarlyEnded(); // a worker that stops waits for it
  expect(await Promise.race([ended, setImmediate('it waits')])).toBe('it waits');
  end();
  await ended;
  expect(await slow.rowOf(id)).toMatchObject({ state: 'delivered', tries: 1, lease_token: null });
  expect(slow.script.refreshed).toEqual([WORKFLOW_RUN.workflowId]);
  expect(slow.script.sent).toHaveLength(1);
  await slow.close();
});

it('gives back the room of what it sent, and holds nothing of it', async () => {
  const budget = new ByteBudget(30_000);
  bench.script.inFlight = new InFlight(budget);
  const content = Buffer.alloc(20_000, 1);
  const attachment = { name: 'a.bin', sha256: createHash('sha256').update(content).digest('hex') };
  const ids = await bench.recordedFor('7', [await bench.newConnection()], {
    type: 'OfflineMessage.Submit',
    data: { attachments: [{ ...attachment, size: content.length, content: null }] },
    attachments: [{ ...attachment, position: 0, content }],
  });
  const answers = holdAnswers();
  const hold = bench.script.send;
  bench.script.send = async (request) => {
    expect(await request.loadAttachments()).toHaveLength(1);
    await hold(request);
  };
  await expect(bench.attempt(ids)).rejects.toMatchObject(AWAITED);
  expect(await budget.take(30_000, '8', false)).toEqual(expect.any(Function));
  expect(await bench.script.sent[0]?.loadAttachments()).toEqual([]);
  answers.come();
  await bench.script.lateAnswers.close();
  expect(await bench.rowOf(ids[0])).toMatchObject({ state: 'delivered' });
});

it('ends as Unconfirmed when the process stops, on record', async () => {
  const ids = await bench.recorded(await bench.newConnection());
  holdAnswers();
  await expect(bench.attempt(ids)).rejects.toMatchObject(AWAITED);
  await bench.script.lateAnswers.close();
  expect(await bench.rowOf(ids[0])).toMatchObject({ state: 'parked', failure_type: 'Unconfirmed', lease_token: null });
});

it('writes a failure that comes later, and its try', async () => {
  const ids = await bench.recorded(await bench.newConnection());
  const answers = holdAnswers();
  answers.failure = new DeliveryFailure('Unavailable', 'no answer');
  await expect(bench.attempt(ids)).rejects.toMatchObject(AWAITED);
  answers.come();
  await bench.script.lateAnswers.close();
  expect(await bench.rowOf(ids[0])).toMatchObject({ state: 'pending', tries: 1, failure_message: 'no answer' });
});

it('does not hold up the others of a batch', async () => {
  const connection = await bench.newConnection();
  const ids = await bench.recorded(connection, connection, connection);
  const answers = holdAnswers();
  const hold = bench.script.send;
  bench.script.send = async (request) => {
    if (request.deliveryId === ids[1]) await hold(request);
  };
  await expect(bench.attempt(ids, bench.box, true)).rejects.toMatchObject({
    ...AWAITED,
    details: [{ delivered: 2, pending: 1 }],
  });
  answers.come();
  await bench.script.lateAnswers.close();
  expect(await bench.attempt(ids, bench.box, true)).toEqual({ delivered: 3 });
  expect(bench.script.sent).toHaveLength(3);
});

it('takes back no row that another attempt has by now', async () => {
  const ids = await bench.recorded(await bench.newConnection());
  const answers = holdAnswers();
  answers.failure = new DeliveryFailure('Unconfirmed', 'no answer');
  await expect(bench.attempt(ids)).rejects.toMatchObject(AWAITED);
  await bench.pool.query('update delivery set lease_token = gen_random_uuid() where id = $1', [ids[0]]);
  const { lease_token: token } = await bench.rowOf(ids[0]);
  expect(await bench.db.renewLease(ids[0] ?? '', '00000000-0000-4000-8000-000000000000', 60)).toBe(false);
  answers.come();
  await bench.script.lateAnswers.close();
  expect(await bench.rowOf(ids[0])).toMatchObject({ state: 'pending', failure_type: null, lease_token: token });
});
