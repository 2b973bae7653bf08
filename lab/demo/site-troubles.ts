import { expiredSession, isRecordCreation } from '../../activities/consumers/salesforce/fake';
import { isTicketCreation, rateLimited } from '../../activities/consumers/zendesk/fake';
import type { Fault } from '../../activities/http/fake';
import { readEvent } from '../../events/read-event';
import type { CrmPlan } from '../destination';
import type { DestinationsOptions } from '../destinations';
import { readDay } from '../read-day';
import type { OrgPlan } from '../salesforce-destination';
import type { WebhookPlan } from '../webhook-destination';

/** A camping shop in England, a tea house in Hangzhou, a travel agency in Amman and Haifa. */
const [OUTDOOR, TEA, TRAVEL] = ['10001', '20017', '30042'] as const;

/** The site whose endpoint wants no more. */
export const GONE = TEA;

/** A fault of a site's server. */
interface Trouble<Plan> {
  readonly siteId: string;
  readonly does: string;
  /** Each call stands for a fresh server. */
  plan(): Plan;
}

const well = (): undefined => undefined;

const endpoints: readonly Trouble<WebhookPlan>[] = [
  { siteId: OUTDOOR, does: 'endpoint answers 503 for 5 s', plan: () => forSeconds(5, { status: 503 }) },
  { siteId: GONE, does: 'endpoint answers 410: it wants no more', plan: () => () => ({ status: 410 }) },
  {
    siteId: TRAVEL,
    does: 'endpoint lets the first request of 3 messages hang, for 15 s',
    plan() {
      const hung = new Set<string>();
      return (_request, id) => {
        if (hung.size >= 3 || hung.has(id)) return undefined;
        hung.add(id);
        return 'stall';
      };
    },
  },
];

const zendesks: readonly Trouble<CrmPlan>[] = [
  {
    siteId: OUTDOOR,
    does: 'Zendesk answers 429 for 4 s: come back in 2 s',
    plan: () => forSeconds(4, rateLimited(2)),
  },
  {
    siteId: TEA,
    does: 'Zendesk creates 3 tickets and drops the connection before it answers',
    plan: () => firstTimes(3, isTicketCreation, 'reset after'),
  },
  { siteId: TRAVEL, does: 'Zendesk is well', plan: () => well },
];

const salesforces: readonly Trouble<OrgPlan>[] = [
  {
    siteId: OUTDOOR,
    does: 'Salesforce writes 2 records and drops the connection before it answers',
    plan: () => ({ fault: firstTimes(2, isRecordCreation, 'reset after') }),
  },
  {
    siteId: TEA,
    does: 'Salesforce lets the session expire in the middle of it',
    plan: () => ({ fault: expiringToken(30) }),
  },
  {
    siteId: TRAVEL,
    does: 'Salesforce has no field for our key, so that repeats are told by the subject',
    plan: () => ({ fault: well, hasKeyField: false }),
  },
];

/** The faults, site by site. */
export const siteTroubles = [OUTDOOR, TEA, TRAVEL].map((siteId) => {
  const own = [...endpoints, ...zendesks, ...salesforces].filter((trouble) => trouble.siteId === siteId);
  return { siteId, does: own.map(({ does }) => does) };
});

/** The plans of all sites, for fresh servers. Each org knows the people of its site's chats. */
export const sitePlans = (): DestinationsOptions => ({
  webhooks: plansOf(endpoints),
  zendesks: plansOf(zendesks),
  salesforces: plansOf(
    salesforces.map((trouble) => ({
      ...trouble,
      plan: () => ({ ...trouble.plan(), people: peopleOf(trouble.siteId) }),
    })),
  ),
});

const plansOf = <Plan>(troubles: readonly Trouble<Plan>[]): Record<string, Plan> =>
  Object.fromEntries(troubles.map((trouble) => [trouble.siteId, trouble.plan()]));

function peopleOf(siteId: string): { name: string; email: string }[] {
  const people = new Map<string, string>();
  for (const line of readDay()) {
    const read = readEvent(line, { id: '', receivedAt: new Date().toISOString() });
    if (!read.ok || read.event.type !== 'Chat.Ended' || read.event.siteId !== siteId) continue;
    const { name, email } = read.event.data.chat.contact;
    if (name !== null && email !== null) people.set(email, name);
  }
  return [...people].map(([email, name]) => ({ name, email }));
}

/** From the first request on, for so many seconds. */
function forSeconds(seconds: number, fault: Fault): () => Fault | undefined {
  let first: number | undefined;
  return () => {
    first ??= performance.now();
    return performance.now() - first < seconds * 1000 ? fault : undefined;
  };
}

/** The first requests of a kind. */
function firstTimes(times: number, isMeant: (request: Parameters<CrmPlan>[0]) => boolean, fault: Fault): CrmPlan {
  let left = times;
  return (request) => (isMeant(request) && left-- > 0 ? fault : undefined);
}

/** The token that comes with a request of this number is refused from then on; a fresh one is taken. */
function expiringToken(number: number): CrmPlan {
  let expired: string | undefined;
  return ({ number: n, headers: { authorization } }) => {
    if (n >= number) expired ??= authorization;
    return expired !== undefined && authorization === expired ? expiredSession : undefined;
  };
}
