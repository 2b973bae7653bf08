import { batchingOf, composeBatch, BATCH_BYTES, type Batching, type Crowd, type Queued } from './compose-batch';
import { SiteQueues } from './site-queues';

interface Over {
  readonly maxBatch?: number;
  readonly crowd?: Crowd;
}

function waiting(...items: readonly Queued[]): SiteQueues<Queued> {
  const queues = new SiteQueues<Queued>({ maxWaiting: 1_000, maxWaitingBytes: 10_000_000 }, () => {});
  for (const one of items) queues.add(one);
  return queues;
}

/** Of the site that its key begins with. */
const item = (key: string, batching: Batching = 'always', bytes = 100): Queued => ({
  siteId: key.charAt(0),
  bytes,
  batching,
  key,
});

const batch = (queues: SiteQueues<Queued>, { maxBatch = 100, crowd = 'alone' }: Over = {}): string[] =>
  composeBatch(queues, { maxBatch }, crowd).map(({ key }) => key);

test('knows what becomes of an event of a later version, as a journal may hold one after a step back', () => {
  expect(batchingOf('Agent.Login', 100)).toBe('always');
  expect(batchingOf('Chat.Ended', 100)).toBe('after a wait');
});

test('takes one event where no other waits, and none where none waits', () => {
  const queues = waiting(item('a1'));
  expect(batch(queues)).toEqual(['a1']);
  expect(batch(queues)).toEqual([]);
});

test('takes those that go together, of all sites in turn, as many as may', () => {
  const queues = waiting(...['a1', 'a2', 'a3', 'b1', 'c1'].map((key) => item(key)));
  expect(batch(queues, { maxBatch: 4 })).toEqual(['a1', 'b1', 'c1', 'a2']);
  expect(batch(queues)).toEqual(['a3']);
});

test('stays below the bytes of a batch, and takes a smaller event of another site', () => {
  const queues = waiting(item('a1', 'always', 100), item('b1', 'always', BATCH_BYTES), item('c1', 'always', 100));
  expect(batch(queues)).toEqual(['a1', 'c1']);
  expect(batch(queues)).toEqual(['b1']);
});

test('lets those that never share a workflow go alone, in their turn', () => {
  const queues = waiting(item('a1'), item('b1', 'never'), item('a2'), item('c1'));
  expect(batch(queues)).toEqual(['a1', 'c1', 'a2']);
  expect(batch(queues)).toEqual(['b1']);
});

test('lets those that share one only when they would wait long go alone until then', () => {
  const chats = ['a1', 'a2', 'b1', 'b2'].map((key) => item(key, 'after a wait'));
  const queues = waiting(...chats);
  expect(batch(queues)).toEqual(['a1']);
  expect(batch(queues, { crowd: 'held' })).toEqual([]);
  expect(batch(queues, { crowd: 'together' })).toEqual(['b1', 'a2', 'b2']);
});

test('takes others before those that are held, of their site, too', () => {
  const queues = waiting(item('a1', 'after a wait'), item('a2'), item('b1', 'after a wait'), item('b2', 'never'));
  expect(batch(queues, { crowd: 'held' })).toEqual(['a2']);
  expect(batch(queues, { crowd: 'held' })).toEqual(['b2']);
  expect(batch(queues, { crowd: 'held' })).toEqual([]);
});

test('never has one key twice in a batch', () => {
  const queues = waiting(item('a1'), item('a1'), item('b1'), item('a2'));
  expect(batch(queues)).toEqual(['a1', 'b1']);
  expect(batch(queues)).toEqual(['a1', 'a2']);
});
