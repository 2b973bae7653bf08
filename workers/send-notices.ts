import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { openNotifySecret } from '../activities/connections/notify-secret';
import type { SecretBox } from '../activities/connections/secret-box';
import { retryDelayMs, type DeliveryPolicy } from '../activities/deliver/delivery-policy';
import { createNoticeSender } from '../activities/consumers/webhook/notices';
import { DeliveryFailure } from '../activities/failures';
import { createHostResolver } from '../activities/http/dns/host-resolver';
import { claimNotices, delayNotice, forgetNotice, type DueNotice } from '../db/connection-notices';
import type { Tx } from '../db/tx';

const LOOK_EVERY_MS = 5_000;
/** Sent at once. */
const MOST_AT_ONCE = 10;
/** A worker that ends meanwhile leaves them to another one after this. */
const LEASE_MS = 60_000;
/** The receiver wants no more. */
const GONE = 410;

export interface SendNoticesOptions {
  readonly database: Tx;
  readonly secretBox: SecretBox;
  readonly allowedAddresses: readonly string[];
  readonly dnsServers: readonly string[];
  /** The waits between tries: those of webhooks. */
  readonly policy: DeliveryPolicy;
  readonly log: Logger;
  /** Default 5,000. */
  readonly lookEveryMs?: number;
  /** Aborted = stop. */
  readonly signal: AbortSignal;
}

/**
 * Tells sites that a connection of theirs is broken, or mended: sends the messages that are due, every few seconds, by the schedule of
 * webhooks. They are no deliveries: no workflow knows of them.
 */
export async function sendNotices({
  database,
  secretBox,
  allowedAddresses,
  dnsServers,
  policy,
  log,
  lookEveryMs = LOOK_EVERY_MS,
  signal,
}: SendNoticesOptions): Promise<void> {
  const sender = createNoticeSender({
    allowedAddresses,
    resolver: createHostResolver({ servers: dnsServers }),
  });

  async function send(notice: DueNotice): Promise<void> {
    const { id, event, at, reason, tries, url, connectionId, siteId, consumer, name } = notice;
    const connection = { id: connectionId, siteId, consumer, name };
    try {
      const secret = openNotifySecret(secretBox, connectionId, notice);
      await sender.send({ id, event, at, reason, connection }, url, secret);
      await forgetNotice(database, id);
    } catch (error) {
      const { message, details, retryAfterMs = 0 } = asFailure(error);
      const waitMs = details['status'] === GONE ? null : retryDelayMs(policy, tries);
      const delayMs = waitMs && Math.max(retryAfterMs, waitMs);
      await delayNotice(database, id, delayMs, message);
      log.warn(
        { connection, event, tries, reason: message, isGivenUp: delayMs === null },
        'a site was not told about its connection',
      );
    }
  }

  try {
    while (!signal.aborted) {
      // The gate notices a database that is away.
      const due = await claimNotices(database, MOST_AT_ONCE, LEASE_MS).catch((): DueNotice[] => []);
      await Promise.allSettled(due.map(send));
      if (due.length < MOST_AT_ONCE) await delay(lookEveryMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    await sender.close();
  }
}

/** Any other error is of the secret, whose text might quote it, or of the database. */
const asFailure = (error: unknown): DeliveryFailure =>
  error instanceof DeliveryFailure
    ? error
    : new DeliveryFailure('Unavailable', 'The secret cannot be opened, or the endpoint does not answer in time.');
