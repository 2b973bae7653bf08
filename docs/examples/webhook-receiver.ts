import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

/** Keeps a message under its id, once: `insert into inbox (id, body) values ($1, $2) on conflict do nothing`. */
export type Store = (id: string, body: string) => Promise<unknown>;

/** Stores each message that is signed with the secret (`whsec_...`). The work is done later, from the stored ones. */
export function createReceiver(secret: string, store: Store): Server {
  const webhook = new Webhook(secret);

  async function receive(request: IncomingMessage): Promise<number> {
    const body = await text(request); // as it came: the signature is of these bytes
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    webhook.verify(body, headers);
    await store(String(headers['webhook-id']), body);
    return 204;
  }

  return createServer((request, response) => {
    receive(request)
      .catch((error: unknown) => (error instanceof WebhookVerificationError ? 401 : 500))
      .then((status) => response.writeHead(status).end())
      .catch(() => response.destroy());
  });
}
