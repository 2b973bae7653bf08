import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { publishByHttp } from './publish-by-http';

it('tries again under the same id after a connection that ended without an answer', async () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      if (bodies.length === 1) request.socket.destroy();
      else response.writeHead(202).end('{"id":"a"}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const sidecar = { url: `http://127.0.0.1:${port}`, token: 'any' };
  const line = { type: 'Agent.Ban', receivedAt: '2026-11-20T10:00:00.000Z', data: '{}' } as const;
  expect(await publishByHttp(sidecar, line, 60_000)).toEqual({ id: 'a' });
  expect(bodies[1]).toBe(bodies[0]);
  server.closeAllConnections();
  server.close();
  await expect(publishByHttp(sidecar, line)).rejects.toThrow('fetch failed');
});
