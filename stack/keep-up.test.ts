import { grpcHealth } from './grpc-health';
import { keepUp } from './keep-up';
import { startTemporal } from './start-temporal';

test('a server that ends by itself is told, and started again on its address', async () => {
  const server = await startTemporal();
  const said: string[] = [];
  const ending = new AbortController();
  const { address, pid = 0 } = server;
  await new Promise<void>((resolve) => {
    const say = (line: string): void => void (said.push(line) === 2 && resolve());
    void keepUp({ name: 'main', address, server }, { say, signal: ending.signal, afterMs: 100 });
    process.kill(pid, 'SIGKILL');
  });
  expect(said).toEqual([
    `main (${address}) has ended (signal SIGKILL); it is started again in 0.1 s. Its log is in .data/.`,
    `main (${address}) is up again.`,
  ]);
  expect(await grpcHealth(address, 2_000)).toBe(true);
  ending.abort();
  await server.stop();
  expect(said).toHaveLength(2);
}, 120_000);

test('one that cannot be started is tried again only after a while, until it may end', async () => {
  const said: string[] = [];
  const ending = new AbortController();
  const starts: number[] = [];
  const restart = (): Promise<void> => {
    starts.push(performance.now());
    if (starts.length === 3) ending.abort();
    return Promise.reject(new Error('no room'));
  };
  const server = { ended: Promise.resolve('exit code 1'), restart };
  const say = (line: string): void => void said.push(line);
  await keepUp({ name: 'main', address: 'a:1', server }, { say, signal: ending.signal, afterMs: 100 });
  expect(starts).toHaveLength(3);
  expect((starts[2] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(190);
  expect(said[1]).toBe('main (a:1) could not be started again. no room');
});
