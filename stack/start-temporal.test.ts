import { createServer } from 'node:http2';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { grpcHealth } from './grpc-health';
import { startTemporal } from './start-temporal';

test('keeps its state over SIGKILL and restart on the same address', async () => {
  const server = await startTemporal();
  try {
    const before = await Connection.connect({ address: server.address });
    await before.workflowService.updateNamespace({ namespace: 'default', updateInfo: { description: 'kept' } });
    await before.close();
    const pid = server.pid;
    await server.kill();
    expect(await grpcHealth(server.address, 1_000)).toBe(false);
    await server.restart();
    expect(server.pid).not.toBe(pid);
    const after = await Connection.connect({ address: server.address });
    const { namespaceInfo } = await after.workflowService.describeNamespace({ namespace: 'default' });
    expect(namespaceInfo?.description).toBe('kept');
    await after.close();
  } finally {
    await server.stop();
  }
});

test('serves the Web UI unless headless', async () => {
  const server = await startTemporal({ headless: false });
  try {
    expect((await fetch(`${server.uiUrl}/`)).status).toBe(200);
  } finally {
    await server.stop();
  }
});

test('reports the end of the log when the server ends at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'start-temporal-'));
  try {
    await writeFile(join(folder, 'temporal.db'), 'this is no database');
    await expect(startTemporal({ dataDir: folder })).rejects.toThrow(/did not start \(exit code 1\)[^]*not a database/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a server that accepts connections and never answers is not healthy', async () => {
  const hung = createServer();
  await new Promise<void>((resolve) => hung.listen(0, '127.0.0.1', resolve));
  const { port } = hung.address() as AddressInfo;
  expect(await grpcHealth(`127.0.0.1:${port}`, 200)).toBe(false);
  await new Promise((resolve) => hung.close(resolve));
});

test('uses a given server and starts nothing', async () => {
  const server = await startTemporal({ address: 'somewhere:7233' });
  expect(server).toMatchObject({ address: 'somewhere:7233', pid: undefined });
  await server.stop();
});
