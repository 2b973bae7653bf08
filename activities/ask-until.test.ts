import { openPostgresProxy, type PostgresProxy } from '../tests/postgres-proxy';
import { openSendingBench } from '../tests/sending-bench';

let proxy: PostgresProxy;
let bench: Awaited<ReturnType<typeof openSendingBench>>;

beforeAll(async () => {
  bench = await openSendingBench(async (url) => (proxy = await openPostgresProxy(url)).url);
});
beforeEach(() => {
  proxy.restore();
  proxy.onRefused = () => {};
  bench.reset();
});
afterAll(async () => {
  await bench.close();
  proxy.close();
});

it.each([
  ['alone', false],
  ['in a batch', true],
])('sends nothing again after an outage of the database that lasts when sends %s end', async (_, isBatch) => {
  const connection = await bench.newConnection({ maxInFlight: 20 }); // room for ten in a batch, too
  const ids = await bench.recorded(...Array.from({ length: 10 }, () => connection));
  let release = (): void => {};
  const away = new Promise<void>((resolve) => (release = resolve));
  bench.script.send = async () => {
    if (bench.script.sent.length === ids.length) {
      proxy.cut();
      release();
    }
    await away;
  };
  const before = proxy.refused;
  proxy.onRefused = () => proxy.refused > before + 40 && proxy.restore();
  expect(await bench.attempt(ids, bench.box, isBatch)).toEqual({ delivered: 10 });
  expect(bench.script.sent).toHaveLength(10);
  for (const id of ids) expect(await bench.rowOf(id)).toMatchObject({ state: 'delivered', tries: 1 });
});

it('writes progress beyond the deadline of the send, and blames no other failure', async () => {
  const ids = await bench.recorded(await bench.newConnection());
  bench.script.send = async ({ saveProgress, progress, signal }) => {
    if (progress['first'] === true) return;
    signal.addEventListener('abort', () => proxy.restore());
    proxy.cut();
    await saveProgress({ first: true });
    signal.throwIfAborted();
  };
  await expect(bench.attempt(ids)).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
  expect(await bench.rowOf(ids[0])).toMatchObject({
    state: 'pending',
    tries: 0,
    progress: { first: true },
    failure_message: 'Our database did not answer while the delivery was under way.',
  });
  await bench.pool.query('update delivery set due_at = now() where id = $1', [ids[0]]);
  expect(await bench.attempt(ids)).toEqual({ delivered: 1 });
});

it('ends with the attempt when the database stays away', async () => {
  const ids = await bench.recorded(await bench.newConnection());
  bench.script.send = async () => proxy.cut();
  const attempt = bench.attempt(ids, bench.box, false, { startToCloseTimeoutMs: 6_000 });
  await expect(attempt).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
  expect(bench.script.sent).toHaveLength(1);
});
