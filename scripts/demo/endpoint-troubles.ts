import type { WebhookPlan } from './destinations';
import { outdoor, tea, travel } from './make-day/sites';

/** The site whose endpoint wants no more. */
export const GONE = String(tea.id);

/** A site's endpoint, and what is the matter with it. */
interface Trouble {
  readonly siteId: string;
  readonly does: string;
  /** Each call stands for a fresh endpoint. */
  plan(): WebhookPlan;
}

export const endpointTroubles: readonly Trouble[] = [
  {
    siteId: String(outdoor.id),
    does: 'answers 503 for 5 s',
    plan() {
      let first: number | undefined;
      return () => {
        first ??= performance.now();
        return performance.now() - first < 5_000 ? { status: 503 } : undefined;
      };
    },
  },
  { siteId: GONE, does: 'answers 410: it wants no more', plan: () => () => ({ status: 410 }) },
  {
    siteId: String(travel.id),
    does: 'lets the first request of 3 messages hang, for 15 s',
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

/** The plans by site. */
export const endpointPlans = (): Record<string, WebhookPlan> =>
  Object.fromEntries(endpointTroubles.map((trouble) => [trouble.siteId, trouble.plan()]));
