import { ClusterHealth, type ClusterHealthOptions } from './cluster-health';
import type { ProbeOptions } from './probe-cluster';
import type { Failure } from './read-failure';

const where = { name: 'main', address: '127.0.0.1:1' };
const of = (verdict: Failure['verdict'], reason: string = verdict): Failure => ({
  verdict,
  mayBeAccepted: false,
  reason,
  advice: '',
  cause: new Error(reason),
});

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

/** A health whose probes wait until the test answers them, or ends. */
function openHealth(options: ClusterHealthOptions = {}) {
  const questions: { asked: ProbeOptions; answer: (answer: Failure | undefined) => void }[] = [];
  const unanswered = new Set<(answer: Failure | undefined) => void>();
  let onQuestion = (): void => {};
  const probe: ClusterHealthOptions['probe'] = (_where, asked) =>
    new Promise((answer) => {
      questions.push({ asked, answer });
      unanswered.add(answer);
      onQuestion();
    });
  const health = new ClusterHealth(where, { probe, ...options });
  closing.push(async () => {
    const closed = health.close();
    for (const answer of unanswered) answer(undefined);
    await closed;
  });
  const nextQuestion = async () => {
    while (questions.length === 0) await new Promise<void>((resolve) => (onQuestion = resolve));
    return questions.shift() as (typeof questions)[number]; // there is one
  };
  const untilOut = (isOut: boolean) =>
    new Promise<void>((resolve) => {
      const look = () => health.isUsable !== isOut && resolve();
      health.onChange(look);
      look();
    });
  return { health, nextQuestion, untilOut };
}

const verdictOf = ({ standing }: ClusterHealth) => standing.verdict;

it('is up until there is a sign against it', () => {
  const { health } = openHealth();
  expect(health.standing).toEqual({ verdict: 'up', since: expect.any(Number), reason: '' });
  expect([health.isUsable, health.downForMs(), health.isReached]).toEqual([true, 0, undefined]);
});

it('is down at once when a connection is refused or dropped, and back when it starts workflows again', async () => {
  const { health, nextQuestion, untilOut } = openHealth();
  await health.failed(of('dropped', 'ECONNREFUSED'), 1);
  expect(health.standing).toMatchObject({ verdict: 'down', reason: 'ECONNREFUSED' });
  const { asked, answer } = await nextQuestion();
  expect(asked).toMatchObject({ deadlineMs: 2_000, withStart: true });
  expect(health.downForMs()).toBeGreaterThan(0);
  answer(undefined);
  await untilOut(false);
  expect([verdictOf(health), health.downForMs(), health.isReached]).toEqual(['up', 0, true]);
});

it('refuses connections when a probe agrees; one that took starts before, when that has lasted', async () => {
  const { health, nextQuestion } = openHealth();
  health.succeeded(1);
  await health.failed(of('dropped', 'ECONNREFUSED'), 1);
  expect(health.refusesConnections(0)).toBe(false);
  (await nextQuestion()).answer(of('dropped', 'ECONNREFUSED'));
  await new Promise<void>((resolve) => health.onChange(resolve));
  expect([health.refusesConnections(3_600_000), health.refusesConnections(0)]).toEqual([false, true]);
});

it.each([
  ['slow', 'answers', undefined],
  ['slow', 'is busy', of('busy')],
  ['down', 'is silent', of('suspect')],
  ['down', 'cannot be reached', of('dropped')],
  ['not ready', 'has no namespace', of('not ready')],
] as const)('is %s when a start got no answer and a probe finds that it %s', async (verdict, _finding, answer) => {
  const { health, nextQuestion } = openHealth();
  const failed = health.failed(of('suspect'), 2_000);
  const question = await nextQuestion();
  expect(question.asked.withStart).toBe(false);
  expect(verdictOf(health)).toBe('up');
  question.answer(answer);
  await failed;
  expect(verdictOf(health)).toBe(verdict);
  expect(health.isUsable).toBe(verdict === 'slow');
});

it('is slow when a probe is silent and a start succeeds meanwhile', async () => {
  const { health, nextQuestion } = openHealth();
  const failed = health.failed(of('suspect'), 2_000);
  const { answer } = await nextQuestion();
  health.succeeded(1_900);
  answer(of('suspect'));
  await failed;
  expect(verdictOf(health)).toBe('slow');
});

it('asks once for all starts that got no answer', async () => {
  const { health, nextQuestion } = openHealth();
  const failures = [1, 2, 3].map(() => health.failed(of('suspect'), 2_000));
  (await nextQuestion()).answer(undefined);
  await Promise.all(failures);
  expect(verdictOf(health)).toBe('slow');
});

it('tells not ready from down, and counts its time as down', async () => {
  const { health, nextQuestion, untilOut } = openHealth();
  await health.failed(of('not ready', 'Namespace chat-events is not found.'), 1);
  expect(health.standing).toMatchObject({ verdict: 'not ready', reason: 'Namespace chat-events is not found.' });
  (await nextQuestion()).answer(of('dropped', 'gone'));
  const { answer } = await nextQuestion();
  expect(health.standing).toMatchObject({ verdict: 'down', reason: 'gone' });
  expect(health.downForMs()).toBeGreaterThan(0);
  answer(undefined);
  await untilOut(false);
});

it('is slow while it is busy or takes long, and up with the next start that is quick', async () => {
  const { health } = openHealth();
  await health.failed(of('busy'), 5);
  expect(verdictOf(health)).toBe('slow');
  health.succeeded(20);
  expect(verdictOf(health)).toBe('up');
  health.succeeded(1_500);
  expect(health.standing).toMatchObject({ verdict: 'slow', reason: 'a start took 1500 ms' });
});

it('stays as it is when an event is refused: it has answered', async () => {
  const { health } = openHealth();
  await health.failed(of('refused'), 5);
  await health.failed(of('too large'), 5);
  expect(verdictOf(health)).toBe('up');
});

it('is down, also when a probe is answered, when no start has succeeded for long although some were tried', async () => {
  const { health, nextQuestion, untilOut } = openHealth({ takeoverAfterMs: 10_000 });
  const failAfter = async (tookMs: number) => {
    const failed = health.failed(of('suspect', 'no answer'), tookMs);
    (await nextQuestion()).answer(undefined);
    await failed;
  };
  await failAfter(9_000);
  expect(verdictOf(health)).toBe('slow');
  health.succeeded(10);
  await failAfter(9_000);
  expect(verdictOf(health)).toBe('slow');
  await failAfter(9_000); // the first of them is not 10 s ago
  expect(verdictOf(health)).toBe('slow');
  health.succeeded(10);
  await failAfter(11_000);
  expect(health.standing).toMatchObject({ verdict: 'down', reason: 'no start succeeded for 10 s (no answer)' });
  const { asked, answer } = await nextQuestion();
  expect(asked.withStart).toBe(true);
  answer(undefined);
  await untilOut(false);
});

it('is not brought back by a start from before it went out', async () => {
  const { health } = openHealth();
  await health.failed(of('dropped'), 1);
  health.succeeded(10);
  expect(verdictOf(health)).toBe('down');
});

it('probes a dead one again and again with longer pauses, two at a time never', async () => {
  const { health, nextQuestion, untilOut } = openHealth();
  await health.failed(of('dropped'), 1);
  const times: number[] = [];
  for (let n = 0; n < 5; n++) {
    const { answer } = await nextQuestion();
    times.push(performance.now());
    answer(n < 4 ? of('dropped') : undefined);
  }
  await untilOut(false);
  const pauses = times.slice(1).map((time, n) => time - (times[n] ?? 0));
  expect(pauses[0]).toBeGreaterThan(70); // 100 ms, a quarter less at the least
  expect(pauses.at(-1)).toBeGreaterThan(550); // 800 ms, likewise
});

it('a watched one is judged without starts: found down when it does not answer, and back', async () => {
  const { health, nextQuestion, untilOut } = openHealth();
  health.watch(20);
  (await nextQuestion()).answer(undefined);
  (await nextQuestion()).answer(of('suspect', 'silent'));
  await untilOut(true);
  expect(health.standing).toMatchObject({ verdict: 'down', reason: 'silent' });
  (await nextQuestion()).answer(undefined);
  await untilOut(false);
  const { asked, answer } = await nextQuestion();
  expect(asked.withStart).toBe(false);
  answer(undefined);
});

it('is probed when something else than a start got no answer, which alone makes it neither slow nor down', async () => {
  const { health, nextQuestion } = openHealth();
  const doubt = health.doubt();
  (await nextQuestion()).answer(undefined);
  await doubt;
  expect(verdictOf(health)).toBe('up');
  const again = health.doubt();
  (await nextQuestion()).answer(of('suspect', 'silent'));
  await again;
  expect(health.standing).toMatchObject({ verdict: 'down', reason: 'silent' });
});

it('a probe that cannot be made at all counts as silence', async () => {
  const { health } = openHealth({ probe: () => Promise.reject(new Error('no key')) });
  await health.failed(of('suspect'), 2_000);
  expect(health.standing).toMatchObject({ verdict: 'down', reason: 'no key' });
});

it('asks nothing after it is closed, and close waits until the question under way is given up', async () => {
  const { health, nextQuestion } = openHealth();
  await health.failed(of('dropped'), 1);
  const { asked, answer } = await nextQuestion();
  let isClosed = false;
  const closing = health.close().then(() => (isClosed = true));
  await new Promise(setImmediate);
  expect([asked.signal.aborted, isClosed]).toEqual([true, false]);
  answer(of('dropped'));
  await closing;
  health.watch(1);
  await health.failed(of('suspect'), 1);
  expect(verdictOf(health)).toBe('down');
});

it('does not add up failures with hours without a try between them', async () => {
  const { health, nextQuestion } = openHealth();
  const failOnce = async () => {
    const failed = health.failed(of('suspect', 'no answer'), 2_000);
    (await nextQuestion()).answer(undefined);
    await failed;
    return verdictOf(health);
  };
  expect(await failOnce()).toBe('slow');
  const now = performance.now();
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now + 3_600_000);
  expect(await failOnce()).toBe('slow');
  clock.mockRestore();
});
