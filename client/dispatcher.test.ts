import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batching, Queued } from './compose-batch';
import { Dispatcher, type DispatcherOptions, type StartResult } from './dispatcher';

/** A dispatcher whose starts end when they are told. */
function openDispatcher(maxInFlight: number, over: Partial<DispatcherOptions<Queued>['limits']> = {}) {
  const batches: (readonly string[])[] = [];
  const ends: ((result: StartResult) => void)[] = [];
  const runs: { hasBegun: boolean }[] = [];
  const dispatcher = new Dispatcher({
    limits: {
      maxBatch: 10,
      batchFrom: 1,
      batchAfterMs: 0,
      deadlineMs: 10_000,
      maxWaiting: Infinity,
      maxWaitingBytes: Infinity,
      ...over,
    },
    maxInFlight,
    largeFromBytes: 1_000,
    start: (batch) => {
      batches.push(batch.map(({ key }) => key));
      return new Promise((resolve) => ends.push(resolve));
    },
    onDisplaced: () => {},
  });
  const item = (key: string, batching: Batching = 'always', bytes = 1) => ({ key, bytes, siteId: '1', batching });
  const large = (key: string) => item(key, 'never', 2_000);
  const add = async (...items: ReturnType<typeof item>[]): Promise<void> => {
    for (const one of items) dispatcher.add(one);
    await nextTurn();
    await nextTurn();
  };
  const end = async (isSlow = false): Promise<void> => {
    const run = { hasBegun: false };
    runs.push(run);
    ends.shift()?.({ isSlow, hasBegun: async () => run.hasBegun });
    await nextTurn();
  };
  return { add, end, item, large, batches, runs, dispatcher, underWay: () => ends.length };
}

test('starts one alone at once, and those that come in one turn together', async () => {
  const { add, item, batches } = openDispatcher(4);
  await add(item('1'));
  await add(item('2'), item('3'));
  expect(batches).toEqual([['1'], ['2', '3']]);
});

test('starts together what has come while as many as may be are under way', async () => {
  const { add, item, end, batches } = openDispatcher(2);
  for (const key of ['1', '2', '3', '4']) await add(item(key));
  expect(batches).toEqual([['1'], ['2']]);
  await end();
  expect(batches).toEqual([['1'], ['2'], ['3', '4']]);
});

test('starts large ones one by one, beside the others, and none that was removed', async () => {
  const { add, item, large, end, batches, dispatcher } = openDispatcher(4);
  const [second, third] = [large('large 2'), large('large 3')];
  await add(large('large 1'), second, third, item('small'));
  expect(batches).toEqual([['large 1'], ['small']]);
  expect([dispatcher.remove(second), dispatcher.remove(second)]).toEqual([true, false]);
  await end();
  await end();
  expect(batches).toEqual([['large 1'], ['small'], ['large 3']]);
});

test('has fewer under way while the cluster is slow, at least one, and more again when it is not', async () => {
  const { add, item, end, underWay } = openDispatcher(4);
  await add(...Array.from({ length: 400 }, (_, n) => item(`${n}`)));
  expect(underWay()).toBe(4);
  for (let i = 0; i < 4; i++) await end(true);
  expect(underWay()).toBe(1);
  await end(true);
  expect(underWay()).toBe(1);
  for (let i = 0; i < 12; i++) await end();
  expect(underWay()).toBe(4);
});

describe('events that go in batches only when they would wait long', () => {
  const limits = { maxBatch: 100, batchFrom: 30, batchAfterMs: 250 };
  const open = (maxBatch = 100) => {
    const all = openDispatcher(2, { ...limits, maxBatch });
    const chats = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => all.item(`${from + n}`, 'after a wait'));
    /** Ends starts that take so long each, one after the other. */
    const endAll = async (count: number, tookMs: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        jest.advanceTimersByTime(tookMs / 2); // two are under way
        await all.end();
      }
    };
    return { ...all, chats, endAll };
  };

  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  test('each has a workflow to itself while starts are quick, also when some wait', async () => {
    const { add, chats, endAll, batches } = open();
    await add(...chats(0, 20));
    await endAll(20, 20);
    expect(batches).toHaveLength(20);
  });

  test('those that wait go together once starts are slow, and alone again when they are not', async () => {
    const { add, chats, endAll, batches, underWay } = open();
    await add(...chats(0, 20));
    await endAll(2, 200); // the average of starts is 50 ms, then 88
    expect(batches.map(({ length }) => length)).toEqual([1, 1, 1, 17]);
    await endAll(underWay(), 20);
    batches.length = 0;
    await add(...chats(100, 4));
    await endAll(4, 20);
    expect(batches).toHaveLength(4);
  });

  test('an even trickle goes one by one, however slow each start is', async () => {
    const { add, chats, end, batches } = open();
    for (let n = 0; n < 10; n++) {
      await add(...chats(n, 1));
      jest.advanceTimersByTime(900);
      await end();
    }
    expect(batches).toHaveLength(10);
  });

  test('as many as `batchFrom` go together, however quick starts are', async () => {
    const { add, chats, batches } = open();
    await add(...chats(0, 32));
    expect(batches.map(({ length }) => length)).toEqual([32]);
  });

  test('those that follow a workflow which does not begin wait for it, and go together', async () => {
    const { add, chats, end, batches, runs } = open();
    const passed = (ms: number) => jest.advanceTimersByTimeAsync(ms);
    const publish = async (n: number): Promise<void> => {
      await add(...chats(n, 1));
      await passed(10);
      await end();
    };
    for (let n = 0; n < 3; n++) await publish(n); // each start takes 10 ms, and the second is watched
    await passed(240); // now it is known that it has not begun
    for (let n = 3; n < 8; n++) await publish(n);
    expect(batches).toHaveLength(3);
    for (const run of runs) run.hasBegun = true;
    await passed(100);
    expect(batches.slice(3)).toEqual([['3', '4', '5', '6', '7']]);
    await end();
    for (const run of runs) run.hasBegun = true;
    await passed(200); // that one has begun in time
    for (let n = 8; n < 10; n++) await publish(n);
    expect(batches.slice(4)).toEqual([['8'], ['9']]);
  });

  /** Publishes until the workflow that is watched is known to be late. */
  const openLate = async (maxBatch?: number) => {
    const all = open(maxBatch);
    for (let n = 0; n < 2; n++) {
      await all.add(...all.chats(n, 1));
      await all.end();
    }
    await jest.advanceTimersByTimeAsync(260);
    all.batches.length = 0;
    return all;
  };

  test('those that wait go all the same after a second, all of them, also when one batch has no room for them', async () => {
    const { add, chats, end, item, batches } = await openLate(10);
    const others = ['a', 'b', 'c'].map((key) => item(key, 'after a wait'));
    await add(...chats(2, 1));
    await jest.advanceTimersByTimeAsync(900);
    await add(...chats(3, 17));
    await jest.advanceTimersByTimeAsync(90);
    expect(batches).toEqual([]);
    await jest.advanceTimersByTimeAsync(10);
    expect(batches.map(({ length }) => length)).toEqual([10, 8]);
    await end();
    await end();
    await add(...others);
    expect(batches).toHaveLength(2); // those that come later are held again
    await jest.advanceTimersByTimeAsync(1_000);
    expect(batches.slice(2)).toEqual([['a', 'b', 'c']]);
  });

  test('are not held when what waits fills a batch', async () => {
    const { add, chats, batches } = await openLate();
    await add(...chats(2, 1).map((chat) => ({ ...chat, bytes: 100 })));
    expect(batches).toEqual([]);
    await add(...chats(3, 300).map((chat) => ({ ...chat, bytes: 700 })));
    expect(batches).toHaveLength(2);
  });

  test('are not held while there is no worker, after ten seconds', async () => {
    const { add, chats, end, batches, runs } = await openLate();
    await add(...chats(2, 1));
    await jest.advanceTimersByTimeAsync(1_000);
    await end();
    await jest.advanceTimersByTimeAsync(11_000);
    for (let n = 3; n < 6; n++) {
      await add(...chats(n, 1));
      await end();
    }
    expect(batches).toEqual([['2'], ['3'], ['4'], ['5']]);
    await jest.advanceTimersByTimeAsync(1_000);
    for (const run of runs) run.hasBegun = true; // a worker has come
    await jest.advanceTimersByTimeAsync(2_000);
    await add(...chats(6, 1), ...chats(7, 1));
    expect(batches.slice(4)).toEqual([['6', '7']]);
  });
});
