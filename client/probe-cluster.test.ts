import { freePort } from '../stack/free-port';
import { freshNamespace } from '../tests/fresh-namespace';
import { startSilentServer } from '../tests/silent-server';
import { startTcpProxy } from '../stack/tcp-proxy';
import { probeCluster } from './probe-cluster';

const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
const probe = (
  target: Partial<{ address: string; namespace: string }>,
  withStart: boolean,
  deadlineMs = 20_000,
  { signal } = new AbortController(),
) => probeCluster({ name: 'main', address, ...target }, { deadlineMs, withStart, signal });

it('a cluster that has looked into its store answers, and leaves nothing there', async () => {
  const { namespace, client, close } = await freshNamespace();
  expect(await probe({ namespace }, false)).toBeUndefined();
  expect(await client.workflow.count()).toMatchObject({ count: 0 });
  await close();
});

it('with a start it has started a workflow that asks for nothing; many probes share one', async () => {
  const { namespace, client, close } = await freshNamespace();
  expect(await Promise.all([1, 2, 3].map(() => probe({ namespace }, true)))).toEqual([undefined, undefined, undefined]);
  const handle = client.workflow.getHandle('probe/start');
  expect(await handle.describe()).toMatchObject({ type: 'recordedEvents', taskQueue: 'chat-events' });
  const { runId } = await handle.describe();
  await probe({ namespace }, true);
  expect((await handle.describe()).runId).toBe(runId);
  await close();
});

it('a namespace that is missing is not ready', async () => {
  const failure = await probe({ namespace: 'no-such-namespace' }, false);
  expect(failure).toMatchObject({ verdict: 'not ready', reason: expect.stringContaining('no-such-namespace') });
});

it('a namespace without our search attributes is not ready when it is to start something', async () => {
  expect(await probe({ namespace: 'default' }, false)).toBeUndefined();
  expect(await probe({ namespace: 'default' }, true)).toMatchObject({
    verdict: 'not ready',
    reason: expect.stringContaining('search attribute'),
  });
});

it('a port where no server listens is dropped at once, and says so', async () => {
  const began = performance.now();
  expect(await probe({ address: `127.0.0.1:${await freePort()}` }, false)).toMatchObject({
    verdict: 'dropped',
    reason: expect.stringContaining('ECONNREFUSED'),
  });
  expect(performance.now() - began).toBeLessThan(5_000);
});

it('a server that is silent, or whose answers are lost, is suspect when the deadline is over', async () => {
  const silent = await startSilentServer();
  const proxy = await startTcpProxy(address);
  proxy.loseAnswers();
  for (const server of [silent, proxy]) {
    const began = performance.now();
    expect(await probe({ address: server.address }, false, 300)).toMatchObject({ verdict: 'suspect' });
    expect(performance.now() - began).toBeLessThan(5_000);
    await server.close();
  }
});

it('a probe that is given up ends at once', async () => {
  const silent = await startSilentServer();
  const givingUp = new AbortController();
  const probing = probe({ address: silent.address }, false, 60_000, givingUp);
  while (silent.connections === 0) await new Promise(setImmediate);
  givingUp.abort();
  expect(await probing).toMatchObject({ verdict: 'suspect' });
  await silent.close();
});
