import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSidecar } from './start-sidecar';

test('the token for development is the same at each start, until the file of tokens has it no more', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'start-sidecar-'));
  const start = async (): Promise<string> => {
    const { url, token, stop } = await startSidecar(dir, { INGRESS_PORT: '0', TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const { status } = await fetch(`${url}/v1/events/Chat.Ended`, { method: 'POST', headers, body: '{}' });
    expect(status).toBe(422); // the token is known
    await stop();
    return token;
  };
  const first = await start();
  expect(await start()).toBe(first);
  writeFileSync(join(dir, 'sidecar', 'tokens.json'), '{"tokens":[]}');
  expect(await start()).not.toBe(first);
  rmSync(dir, { recursive: true });
});
