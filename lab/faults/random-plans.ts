import type { Fault as MailFault, Faults } from '../../activities/consumers/email/fake';
import { expiredSession } from '../../activities/consumers/salesforce/fake';
import type { Fault } from '../../activities/http/fake';
import type { WebhookPlan } from '../webhook-destination';
import type { CrmPlan } from '../destination';
import { messageIdOf } from '../mail-destination';
import type { Random } from '../random';

/** Share of requests that meet a fault. */
const SHARE = 1 / 3;
/** One request in so many hangs until the deadline. */
const STALLS_EVERY = 150;
/** One request in so many is the last that its access token is good for. */
const EXPIRES_EVERY = 100;

/** The faults that were met. */
export interface FaultLog {
  /** Kinds of faults, by how many were met. */
  readonly counts: Record<string, number>;
  /** From now on all goes well. */
  isOver: boolean;
}

/** Faults of any server that speaks HTTP. */
const passing: readonly (readonly [string, Fault])[] = [
  ['500', { status: 500 }],
  ['502', { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' }],
  ['503', { status: 503, headers: { 'retry-after': '1' } }],
  ['429', { status: 429, headers: { 'retry-after': '1' } }],
  ['reset', 'reset'],
  ['reset after', 'reset after'],
  ['truncated', 'truncated'],
];

/** Ambiguous faults: the message was read, and no answer came. Only these can bring a message twice. */
export const ambiguous = ['webhook reset after', 'webhook stall', 'mail drop after'];

/** An endpoint that fails at random; the same seed gives the same faults by order of requests. */
export const randomWebhook = (random: Random, log: FaultLog): WebhookPlan =>
  randomFaults('webhook', [...passing, ['404', { status: 404 }]], random, log);

/** A Zendesk account that fails at random. */
export const randomZendesk = (random: Random, log: FaultLog): CrmPlan => randomFaults('zendesk', passing, random, log);

/** A Salesforce org that fails at random, and whose access tokens expire now and then. */
export function randomSalesforce(random: Random, log: FaultLog): CrmPlan {
  const otherwise = randomFaults('salesforce', passing, random, log);
  const expired = new Set<string>();
  return ({ headers: { authorization } }) => {
    if (authorization === undefined) return otherwise(); // it signs in
    const isRefused = expired.has(authorization);
    if (random.between(1, EXPIRES_EVERY) === 1) expired.add(authorization);
    return isRefused && !log.isOver ? count(log, 'salesforce 401', expiredSession) : otherwise();
  };
}

/**
 * A mail server that fails at random. A message passes four steps, so each fails less often. It is cut off once after it has
 * arrived: the second time it would be parked as Unconfirmed, and wait for an operator.
 */
export function randomMail(random: Random, log: FaultLog): Faults {
  const cutOff = new Set<string>();
  const maybe =
    <T extends MailFault>(name: string, fault: T) =>
    (): T | undefined =>
      !log.isOver && random.chance(SHARE / 4) ? count(log, name, fault) : undefined;
  const [refuse, dropBefore] = [maybe('mail 450', '450 4.2.1'), maybe<MailFault>('mail drop before', 'drop')];
  const dropAfter = maybe('mail drop after', 'drop');
  return {
    connect: maybe('mail 421 at connect', '421 4.3.2'),
    recipient: () => refuse() ?? dropBefore(),
    data(_to, raw) {
      const id = messageIdOf(raw);
      const fault = cutOff.has(id) ? undefined : dropAfter();
      if (fault !== undefined) cutOff.add(id);
      return fault;
    },
  };
}

function randomFaults(
  server: string,
  faults: readonly (readonly [string, Fault])[],
  random: Random,
  log: FaultLog,
): () => Fault | undefined {
  return () => {
    if (log.isOver) return undefined;
    if (random.between(1, STALLS_EVERY) === 1) return count(log, `${server} stall`, 'stall');
    const [name, fault] = faults[random.between(0, faults.length - 1)] ?? ['', undefined];
    return random.chance(SHARE) ? count(log, `${server} ${name}`, fault) : undefined;
  };
}

function count<T>({ counts }: FaultLog, name: string, fault: T): T {
  counts[name] = (counts[name] ?? 0) + 1;
  return fault;
}
