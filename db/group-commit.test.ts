import { GATHER_MS, groupCommit, MANY } from './group-commit';
import { DatabaseUnavailable } from './tx';

interface Item {
  readonly id: string;
  readonly fails?: unknown;
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** Statements that end when a test says so. */
function scripted() {
  const statements: { readonly ids: string[]; readonly end: () => void }[] = [];
  const write = groupCommit(async (items: readonly Item[]) => {
    await new Promise<void>((end) => statements.push({ ids: items.map(({ id }) => id), end }));
    const failing = items.find(({ fails }) => fails !== undefined);
    if (failing) throw failing.fails;
    return new Map(items.flatMap(({ id }) => (id === 'final' ? [] : [[id, `${id}!`] as const])));
  });
  const turn = () => jest.advanceTimersByTimeAsync(GATHER_MS);
  /** Ends what is written and what is written after it. */
  const endAll = async (): Promise<void> => {
    for (let n = 0; n < statements.length; n++) {
      statements[n]?.end();
      await turn();
    }
  };
  return { write, statements, turn, endAll };
}

it('writes at once what comes at once, and what comes meanwhile with the next', async () => {
  const { write, statements, turn, endAll } = scripted();
  const first = [write({ id: 'a' }), write({ id: 'final' })];
  await turn();
  const second = [write({ id: 'b' })]; // one statement may wait for a lock
  await turn();
  const third = [write({ id: 'c' }), write({ id: 'd' }), write({ id: 'e' })];
  await turn();
  expect(statements.map(({ ids }) => ids)).toEqual([['a', 'final'], ['b']]);
  await endAll();
  expect(statements.map(({ ids }) => ids).slice(2)).toEqual([['c', 'd', 'e']]);
  expect(await Promise.all([...first, ...second, ...third])).toEqual(['a!', undefined, 'b!', 'c!', 'd!', 'e!']);
});

it('waits for more while many come one after the other, and not for the few of one event', async () => {
  const { write, statements, turn, endAll } = scripted();
  const writeSome = (count: number, name: string) => {
    for (let n = 0; n < count; n++) void write({ id: `${name}${n}` });
    return jest.advanceTimersByTimeAsync(0);
  };
  const sizes = () => statements.map(({ ids }) => ids.length);
  await writeSome(1, 'a');
  await writeSome(MANY - 1, 'b');
  await writeSome(1, 'c');
  statements[0]?.end();
  await jest.advanceTimersByTimeAsync(0);
  expect(sizes()).toEqual([1, MANY - 1, 1]);
  await writeSome(MANY, 'd');
  statements[1]?.end();
  await jest.advanceTimersByTimeAsync(0);
  await writeSome(1, 'e');
  statements[2]?.end();
  await jest.advanceTimersByTimeAsync(GATHER_MS - 1);
  expect(sizes()).toEqual([1, MANY - 1, 1, MANY]);
  await writeSome(1, 'f');
  await turn();
  expect(statements.at(-1)?.ids).toEqual(['e0', 'f0']);
  await endAll();
  await writeSome(1, 'g');
  expect(statements.at(-1)?.ids).toEqual(['g0']);
  await endAll();
});

it('never has one row twice in a statement', async () => {
  const { write, statements, turn, endAll } = scripted();
  const all = ['a', 'b', 'a', 'a'].map((id) => write({ id }));
  await turn();
  await endAll();
  await Promise.all(all);
  expect(statements.map(({ ids }) => ids.toSorted())).toEqual([['a', 'b'], ['a'], ['a']]);
});

it('fails alone what Postgres refuses, and all together when it does not answer', async () => {
  const { write, turn, endAll } = scripted();
  const refused = Object.assign(new Error('no such text'), { code: '22P05' });
  const some = Promise.allSettled([write({ id: 'a' }), write({ id: 'b', fails: refused }), write({ id: 'c' })]);
  await turn();
  await endAll();
  expect((await some).map((one) => (one.status === 'rejected' ? one.reason : one.value))).toEqual([
    'a!',
    refused,
    'c!',
  ]);
  const away = new DatabaseUnavailable('away');
  const others = Promise.allSettled([write({ id: 'a' }), write({ id: 'b', fails: away })]);
  await turn();
  await endAll();
  expect((await others).map((one) => one.status)).toEqual(['rejected', 'rejected']);
});
