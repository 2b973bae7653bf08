import { isRecordCreation } from '../../activities/consumers/salesforce/fake';
import { isTicketCreation, rateLimited } from '../../activities/consumers/zendesk/fake';
import type { Fault } from '../../activities/http/fake';
import type { DestinationsOptions } from '../destinations';
import { outdoor, tea, travel, type Site } from './sites';
import type { OrgPlan } from '../salesforce-destination';
import type { WebhookPlan } from '../webhook-destination';
import type { CrmPlan } from '../destination';

/** The site whose endpoint wants no more. */
export const GONE = String(tea.id);

/** A server of a site, and what is the matter with it. */
interface Trouble<Plan> {
  readonly siteId: string;
  readonly does: string;
  /** Each call stands for a fresh server. */
  plan(): Plan;
}

const endpoints: readonly Trouble<WebhookPlan>[] = [
  {
    siteId: String(outdoor.id),
    does: 'endpoint answers 503 for 5 s',
    plan: () => forSeconds(5, { status: 503 }),
  },
  { siteId: GONE, does: 'endpoint answers 410: it wants no more', plan: () => () => ({ status: 410 }) },
  {
    siteId: String(travel.id),
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
    siteId: String(outdoor.id),
    does: 'Zendesk answers 429 for 4 s: come back in 2 s',
    plan: () => forSeconds(4, rateLimited(2)),
  },
  {
    siteId: String(tea.id),
    does: 'Zendesk creates 3 tickets and drops the connection before it answers',
    plan: () => firstTimes(3, isTicketCreation, 'reset after'),
  },
  { siteId: String(travel.id), does: 'Zendesk is well', plan: () => () => undefined },
];

const org = (site: Site, does: string, plan: () => Omit<OrgPlan, 'people'>): Trouble<OrgPlan> => ({
  siteId: String(site.id),
  does,
  plan: () => ({ ...plan(), people: site.visitors }),
});

const salesforces: readonly Trouble<OrgPlan>[] = [
  org(outdoor, 'Salesforce writes 2 records and drops the connection before it answers', () => ({
    fault: firstTimes(2, isRecordCreation, 'reset after'),
  })),
  org(tea, 'Salesforce lets the session expire in the middle of it', () => ({ fault: expiringToken(30) })),
  org(travel, 'Salesforce has no field for our key, so that repeats are told by the subject', () => ({
    fault: () => undefined,
    hasKeyField: false,
  })),
];

/** What is the matter, site by site. */
export const siteTroubles: readonly { readonly siteId: string; readonly does: readonly string[] }[] = [
  outdoor,
  tea,
  travel,
].map(({ id }) => {
  const own = [...endpoints, ...zendesks, ...salesforces].filter(({ siteId }) => siteId === String(id));
  return { siteId: String(id), does: own.map(({ does }) => does) };
});

/** The plans of all sites, for fresh servers. */
export const sitePlans = (): DestinationsOptions => ({
  webhooks: plansOf(endpoints),
  zendesks: plansOf(zendesks),
  salesforces: plansOf(salesforces),
});

const plansOf = <Plan>(troubles: readonly Trouble<Plan>[]): Record<string, Plan> =>
  Object.fromEntries(troubles.map((trouble) => [trouble.siteId, trouble.plan()]));

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
    return expired !== undefined && authorization === expired ? EXPIRED : undefined;
  };
}

const EXPIRED: Fault = {
  status: 401,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify([{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]),
};
