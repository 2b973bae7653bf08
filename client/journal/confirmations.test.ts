import type { RecordedAnswer } from '../../protocol/recorded-events';
import type { Cluster } from '../cluster';
import { Confirmations } from './confirmations';
import type { Entry } from './entry';
import type { Place } from './segment';

const ASK_EVERY_MS = 20;
const TAKEOVER_AFTER_MS = 5_000;

/** No test looks at it. */
const main = { name: 'main' } as Cluster;

const entry = (key: string, startedAgoMs?: number, workflowId?: string): Entry => ({
  key,
  siteId: '1',
  bytes: 100,
  batching: 'always',
  place: {} as Place, // no test looks at it
  publishedAt: 0,
  ...(startedAgoMs !== undefined && { startedAt: performance.now() - startedAgoMs }),
  ...(workflowId !== undefined && { workflowId }),
});

/** Watches the entries until so many questions were answered; what became of them, by key. */
async function watch(
  entries: readonly Entry[],
  answer: (keys: readonly string[]) => readonly RecordedAnswer[],
  questions = 1,
  again: () => Promise<void> = async () => {},
): Promise<{ released: string[]; started: string[]; startedAgain: string[]; asked: (readonly string[])[] }> {
  const result = { released: [] as string[], started: [] as string[], startedAgain: [] as string[] };
  const asked: (readonly string[])[] = [];
  await new Promise<void>((resolve) => {
    const confirmations: Confirmations = new Confirmations(
      { askEveryMs: ASK_EVERY_MS, takeoverAfterMs: TAKEOVER_AFTER_MS },
      {
        ask: async (keys) => {
          asked.push(keys);
          if (asked.length === questions) setImmediate(() => resolve(confirmations.close()));
          return { answers: answer(keys), by: main };
        },
        release: ({ key }) => result.released.push(key),
        start: ({ key }) => result.started.push(key),
        startAgain: async (overdue) => {
          result.startedAgain.push(...overdue.map(({ key }) => key));
          await again();
        },
      },
    );
    confirmations.watch(entries);
    setInterval(() => {}, ASK_EVERY_MS).unref();
  });
  return { ...result, asked };
}

const always = (answer: RecordedAnswer) => (keys: readonly string[]) => keys.map(() => answer);

test('recorded entries are released; the others are asked about again', async () => {
  const entries = [entry('a', 2_000, 'batch'), entry('b', 2_000, 'batch')];
  const byKey = { a: 'recorded', b: 'unknown' } as const;
  const answer = (keys: readonly string[]) => keys.map((key) => byKey[key as keyof typeof byKey]);
  expect(await watch(entries, answer, 2)).toEqual({
    released: ['a'],
    started: [],
    startedAgain: [],
    asked: [['a', 'b'], ['b']],
  });
});

test('an entry that was started a moment ago is not asked about', async () => {
  expect((await watch([entry('old', 2_000, 'batch'), entry('new', 0, 'batch')], always('recorded'))).asked).toEqual([
    ['old'],
  ]);
});

test('an entry of an earlier process is started unless it is recorded, also where another event was refused under its id', async () => {
  expect(await watch([entry('a'), entry('b')], always('unknown'))).toMatchObject({ started: ['a', 'b'], released: [] });
  expect(await watch([entry('a')], always('refused'))).toMatchObject({ started: ['a'], released: [] });
  expect(await watch([entry('a')], always('recorded'))).toMatchObject({ started: [], released: ['a'] });
});

test('what an earlier process has started together, as the journal says, may be under way: it is not started anew', async () => {
  const known = { ...entry('a'), workflowId: 'batch' };
  expect(await watch([known], always('unknown'))).toMatchObject({ startedAgain: ['a'], started: [], released: [] });
  expect(await watch([known], always('recorded'))).toMatchObject({ startedAgain: [], released: ['a'] });
});

test('an entry that was started long ago and is unknown is started again, and one that the cluster refused is started', async () => {
  const entries = [entry('started', 6_000, 'batch'), entry('refused', 6_000), entry('recently', 2_000)];
  expect(await watch(entries, always('unknown'))).toMatchObject({
    startedAgain: ['started'],
    started: ['refused'],
    released: [],
  });
});

test('what the database refused is settled only when it may be this publish that was refused, and is reported', async () => {
  const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const entries = [entry('long ago', 6_000, 'batch'), entry('recently', 2_000, 'batch')];
  expect(await watch(entries, always('refused'))).toMatchObject({ released: ['long ago'], started: [] });
  expect(warning.mock.calls.map(([message]) => message)).toEqual([
    'long ago was refused when it was to be recorded; see refused_event.',
  ]);
  warning.mockRestore();
});

test('asks about 1,000 at a time, and again when no cluster answers', async () => {
  const entries = Array.from({ length: 1_500 }, (_, n) => entry(`${n}`, 2_000, 'batch'));
  let failed = false;
  const answer = (keys: readonly string[]) => {
    if (!failed) {
      failed = true;
      throw new Error('no worker');
    }
    return keys.map((): RecordedAnswer => 'recorded');
  };
  const { asked, released } = await watch(entries, answer, 3);
  expect(asked.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
  expect(released).toHaveLength(1_500);
});

test('entries that cannot be started again do not keep those behind them from being asked about', async () => {
  const entries = Array.from({ length: 1_500 }, (_, n) => entry(`${n}`, 6_000, 'batch'));
  const answer = (keys: readonly string[]) => keys.map((key): RecordedAnswer => (key === '0' ? 'unknown' : 'recorded'));
  const { asked, released } = await watch(entries, answer, 2, () => Promise.reject(new Error('no answer')));
  expect(asked.map(({ length }) => length)).toEqual([1_000, 500]);
  expect(released).toHaveLength(1_499);
});
