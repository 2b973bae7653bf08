import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** Thrown when the event has to be corrected first: the problem details name every wrong field. */
export class EventRefused extends Error {}

/** Resolves to the receipt when the event is on the disk of the sidecar. Until then it tries again, under the same id. */
export async function publish(type: string, data: string, id: string): Promise<string> {
  const { CHAT_EVENTS_URL: url, CHAT_EVENTS_TOKEN: token } = process.env;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': id };
  for (let wait = 100; ; wait = Math.min(2 * wait, 10_000)) {
    const signal = AbortSignal.timeout(30_000);
    // No answer: the sidecar may have the event, and the id makes both tries one event.
    const response = await fetch(`${url}/v1/events/${type}`, { method: 'POST', headers, body: data, signal }).catch(
      () => undefined,
    );
    const status = response?.status ?? 0;
    if (response !== undefined && status !== 408 && status !== 429 && status < 500) {
      const answer = await response.text();
      if (response.ok) return answer;
      throw new EventRefused(`${status} ${answer}`);
    }
    await setTimeout(wait);
  }
}

const [, , type = '', file = '', id = ''] = process.argv;

publish(type, readFileSync(file, 'utf8'), id).then(
  (receipt) => process.stdout.write(`${receipt}\n`),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
