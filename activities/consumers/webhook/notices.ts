import { createGuardedAgent, type GuardOptions } from '../../http/guard';
import { postSigned } from './post-message';

/** A connection has changed its state, and its site wants to know. */
export interface ConnectionNotice {
  /** `webhook-id`: the same on every try. */
  readonly id: string;
  readonly event: 'broken' | 'mended';
  /** When it was, ISO. */
  readonly at: string;
  /** Why it is broken. */
  readonly reason: string | null;
  readonly connection: {
    readonly id: string;
    readonly siteId: string;
    readonly consumer: string;
    readonly name: string;
  };
}

const ANSWER_WITHIN_MS = 15_000;

/** Posts notices as Standard Webhooks, through the guard, each to the address and with the secret of its own. */
export function createNoticeSender(guard: GuardOptions) {
  const agent = createGuardedAgent(guard);
  return {
    /** @throws DeliveryFailure */
    async send({ id, event, at, reason, connection }: ConnectionNotice, url: string, secret: string): Promise<void> {
      const data = { connection, ...(reason !== null && { reason }) };
      const body = JSON.stringify({ type: `connection.${event}`, timestamp: at, data });
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      await postSigned(agent, { config: { url }, secrets: { secret } }, { id, body, signal }, {});
    },
    close: (): Promise<void> => agent.destroy(),
  };
}
