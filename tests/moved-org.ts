import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startSalesforce, type SalesforceOptions } from '../activities/consumers/salesforce/fake';

/** What the old instance of an org answers once the org has moved; `nothing` ends the connection. */
export type OldAnswer = { readonly status: number; readonly body?: string; readonly location?: string } | 'nothing';

/** An organisation that is reached at an instance of its own, and can move away from it: sign-ins then name the new one. */
export async function startMovingOrg(options: SalesforceOptions = {}) {
  const org = await startSalesforce(options);
  let moved: OldAnswer | undefined;
  let seen = 0;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (moved === 'nothing') return void response.socket?.resetAndDestroy();
    if (moved !== undefined) {
      seen += 1;
      const headers = moved.location === undefined ? {} : { location: moved.location };
      return void response.writeHead(moved.status, headers).end(moved.body);
    }
    const { method = 'GET', url = '/', headers } = request;
    const { authorization = '', 'content-type': type = 'application/json' } = headers;
    const body = method === 'GET' ? null : await buffer(request);
    const answer = await fetch(org.origin + url, { method, headers: { authorization, 'content-type': type }, body });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  }

  const old = createServer((request, response) => void pass(request, response).catch(() => response.destroy()));
  old.listen(0, '127.0.0.1');
  await once(old, 'listening');
  const { port } = old.address() as AddressInfo; // it listens on TCP
  org.org.instanceUrl = `http://127.0.0.1:${port}`;
  return {
    ...org,
    move(answer: OldAnswer): void {
      moved = answer;
      org.org.instanceUrl = org.origin;
    },
    /** Sign-ins go on naming the old instance. */
    moveSilently: (answer: OldAnswer): void => void (moved = answer),
    /** Requests that the old instance has answered since. */
    seenByOld: (): number => seen,
    async close(): Promise<void> {
      old.closeAllConnections();
      await Promise.all([new Promise((resolve) => old.close(resolve)), org.close()]);
    },
  };
}
