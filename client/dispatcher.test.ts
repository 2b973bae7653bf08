import { setImmediate as nextTurn } from 'node:timers/promises';
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
  const item = (key: string, bytes = 1) => ({ key, bytes, siteId: '1', batching: 'always' as const });
  const add = async (...items: ReturnType<typeof item>[]): Promise<void> => {
    for (const one of items) dispatcher.add(one);
    await nextTurn();
    await nextTurn();
  };
  const end = async (isSlow = false): Promise<void> => {
    ends.shift()?.(isSlow);
    await nextTurn();
  };
  return { add, end, item, batches, dispatcher, underWay: () => ends.length };
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
  const { add, item, end, batches, dispatcher } = openDispatcher(4);
  const [second, third] = [item('large 2', 2_000), item('large 3', 2_000)];
  await add(item('large 1', 2_000), second, third, item('small'));
  expect(batches).toEqual([['small'], ['large 1']]);
  expect([dispatcher.remove(second), dispatcher.remove(second)]).toEqual([true, false]);
  await end();
  await end();
  expect(batches).toEqual([['small'], ['large 1'], ['large 3']]);
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
