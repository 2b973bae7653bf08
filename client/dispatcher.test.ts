import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batching } from './compose-batch';
import { Dispatcher } from './dispatcher';

/** A dispatcher whose starts end when they are told. */
function openDispatcher(maxInFlight: number) {
  const batches: (readonly string[])[] = [];
  const ends: ((isSlow: boolean) => void)[] = [];
  const dispatcher = new Dispatcher({
    limits: { maxBatch: 10, batchFrom: 1, maxWaiting: Infinity, maxWaitingBytes: Infinity },
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
    ends.shift()?.(isSlow);
    await nextTurn();
  };
  return { add, end, item, large, batches, dispatcher, underWay: () => ends.length };
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
