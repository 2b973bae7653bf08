import { TASK_QUEUE } from '../../protocol/constants';
import type { RecordedAnswer } from '../../protocol/recorded-events';
import { freshNamespace } from '../../tests/fresh-namespace';
import type { Clusters } from '../clusters';
import type { Cluster } from '../cluster';
import { openCluster } from '../open-cluster';
import { isPolled, Questions } from './questions';

const LOST_AFTER_MS = 40;

/** Two clusters of which each is up and brings an answer, or not. */
function openQuestions() {
  const state = {
    main: { isUsable: true, answers: true, downForMs: 0, isPolled: false },
    standby: { isUsable: true, answers: true, downForMs: 0, isPolled: false },
  };
  const asked: string[] = [];
  const cluster = (name: 'main' | 'standby') => {
    const own = state[name];
    // No test looks at the rest of it.
    return {
      name,
      connection: { name },
      health: {
        get isUsable() {
          return own.isUsable;
        },
        downForMs: () => own.downForMs,
        doubt: async () => void asked.push(`doubt of ${name}`),
      },
    } as unknown as Cluster;
  };
  const [main, standby] = [cluster('main'), cluster('standby')];
  const clusters = { all: [main, standby], reason: 'main: gone; standby: gone' } as unknown as Clusters; // as above
  const stateOf = (cluster: object) => state[(cluster as { name: 'main' | 'standby' }).name]; // of `cluster`
  const questions = new Questions(
    clusters,
    LOST_AFTER_MS,
    async (cluster, keys) => {
      const { name } = cluster as unknown as Cluster; // as above
      asked.push(name);
      if (!stateOf(cluster).answers) throw new Error(`${name} is silent`);
      return keys.map((): RecordedAnswer => 'unknown');
    },
    async (cluster) => stateOf(cluster).isPolled,
  );
  return { questions, state, asked, main, standby };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('the first cluster is asked, and the second is left alone', async () => {
  const { questions, asked, main } = openQuestions();
  expect(await questions.ask(['a'])).toEqual({ answers: ['unknown'], by: main });
  expect(asked).toEqual(['main']);
});

test('the second is asked while the first is down, and when the first brings no answer', async () => {
  const { questions, state, asked, standby } = openQuestions();
  state.main.isUsable = false;
  expect(await questions.ask(['a'])).toMatchObject({ by: standby });
  expect(asked).toEqual(['standby']);
  Object.assign(state.main, { isUsable: true, answers: false });
  expect(await questions.ask(['a'])).toMatchObject({ by: standby });
  expect(asked).toEqual(['standby', 'main', 'doubt of main', 'standby']);
});

test('no cluster brings an answer: the last failure says why, and none is lost, as the reason may be the database', async () => {
  const { questions, state, main, standby } = openQuestions();
  Object.assign(state.main, { answers: false });
  Object.assign(state.standby, { answers: false });
  await expect(questions.ask(['a'])).rejects.toThrow('standby is silent');
  await pause(LOST_AFTER_MS * 2);
  await expect(questions.ask(['a'])).rejects.toThrow('standby is silent');
  expect([main, standby].map((cluster) => questions.isLost(cluster))).toEqual([false, false]);
  Object.assign(state.main, { isUsable: false });
  Object.assign(state.standby, { isUsable: false });
  await expect(questions.ask(['a'])).rejects.toThrow('no cluster is up (main: gone; standby: gone)');
});

test('a cluster that is down for long is lost', () => {
  const { questions, state, main } = openQuestions();
  Object.assign(state.main, { isUsable: false, downForMs: LOST_AFTER_MS - 1 });
  expect(questions.isLost(main)).toBe(false);
  state.main.downForMs = LOST_AFTER_MS;
  expect(questions.isLost(main)).toBe(true);
});

test('a cluster without workers that for long does not answer what another one answers is lost, until it does', async () => {
  const { questions, state, main, standby } = openQuestions();
  state.main.answers = false;
  await questions.ask(['a']);
  expect(questions.isLost(main)).toBe(false);
  await pause(LOST_AFTER_MS * 2);
  await questions.ask(['a']);
  expect([main, standby].map((cluster) => questions.isLost(cluster))).toEqual([true, false]);
  state.main.answers = true;
  await questions.ask(['a']);
  expect(questions.isLost(main)).toBe(false);
});

test('a cluster that has workers is slow, however long it does not answer', async () => {
  const { questions, state, main } = openQuestions();
  Object.assign(state.main, { answers: false, isPolled: true });
  await questions.ask(['a']);
  await pause(LOST_AFTER_MS * 2);
  await questions.ask(['a']);
  expect(questions.isLost(main)).toBe(false);
  state.main.isPolled = false;
  await questions.ask(['a']);
  expect(questions.isLost(main)).toBe(true);
});

test('a task queue is polled when a worker has asked for work a moment ago', async () => {
  const { namespace, close } = await freshNamespace();
  const cluster = openCluster({ name: 'main', address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '', namespace });
  const { client } = cluster;
  expect(await isPolled(cluster)).toBe(false);
  const poll = { namespace, taskQueue: { name: TASK_QUEUE }, identity: 'a worker' };
  const polling = client.withDeadline(Date.now() + 5_000, () => client.workflowService.pollWorkflowTaskQueue(poll));
  const ended = polling.catch(() => {}); // at its deadline
  while (!(await isPolled(cluster))) await new Promise((resolve) => setTimeout(resolve, 50));
  await ended;
  await cluster.close();
  await close();
}, 30_000);
