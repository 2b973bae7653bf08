import { pino } from 'pino';
import { readIngressConfig } from '../ingress/config';
import { startIngress, type RunningIngress } from '../ingress/start-ingress';
import { makeIngressFolder } from './ingress-environment';

export const path = '/v1/events/Agent.Ban';
export const ban = JSON.stringify({ SiteId: 10001, BanType: 0, IpFromOrVisitorId: 1 });
export const headersOf = (token: string, id = 'a') => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
  'idempotency-key': id,
});

/** The sidecars of a test, in one folder. No cluster listens at their address. */
export class TestIngresses {
  readonly folder = makeIngressFolder();
  /** Lines of their log. */
  readonly logged: string[] = [];
  readonly #started: RunningIngress[] = [];

  readonly start = async (environment: Record<string, string> = {}): Promise<RunningIngress> => {
    const given = { ...this.folder.environment, TEMPORAL_ADDRESS: '127.0.0.1:1', ...environment };
    const config = readIngressConfig(given);
    const publisher = { ...config.publisher, deadlineMs: 2_000 };
    const log = pino({ level: 'warn' }, { write: (line: string) => void this.logged.push(line) });
    const ingress = await startIngress({ ...config, publisher }, log);
    this.#started.push(ingress);
    return ingress;
  };

  async close(): Promise<void> {
    await Promise.all(this.#started.map((one) => one.stop()));
    this.folder.remove();
  }
}
