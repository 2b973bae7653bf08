import { ClusterHealth } from './cluster-health';
import type { Failure } from './read-failure';

it('a cluster that has only asked to be called later is reached', async () => {
  const busy: Failure = { verdict: 'busy', mayBeAccepted: false, reason: 'busy', advice: '', cause: new Error('busy') };
  const health = new ClusterHealth({ name: 'main', address: '127.0.0.1:1' }, { probe: async () => busy });
  await health.doubt();
  expect([health.standing.verdict, health.isReached]).toEqual(['slow', true]);
  await health.close();
});
