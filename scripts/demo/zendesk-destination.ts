import { startZendesk } from '../../activities/consumers/zendesk/fake';
import type { Fault, FakeRequest } from '../../activities/http/fake';
import { repeats, type Connect, type Destination } from './destination';

/** What a site's CRM does instead of answering as usual; undefined = it does what it is asked. */
export type CrmPlan = (request: FakeRequest) => Fault | undefined;

/** A Zendesk account of each site. */
export async function openZendesks(plans: Readonly<Record<string, CrmPlan>>, connect: Connect): Promise<Destination> {
  const accounts = new Map<string, Awaited<ReturnType<typeof startZendesk>>>();
  for (const [siteId, fault] of Object.entries(plans)) {
    const zendesk = await startZendesk({ fault });
    accounts.set(siteId, zendesk);
    await connect(siteId, 'zendesk', zendesk.account.config, zendesk.account.secrets);
  }
  /** By site: the ids of the deliveries that the tickets are of. */
  const idsOf = ({ tickets }: { readonly tickets: readonly { readonly external_id: string | null }[] }): string[] =>
    tickets.map(({ external_id: id }) => String(id));
  const all = (): string[] => [...accounts.values()].flatMap(idsOf);
  return {
    consumer: 'zendesk',
    look() {
      const ids = new Map([...accounts].map(([siteId, account]) => [siteId, new Set(idsOf(account))]));
      return ({ id, event }) => ids.get(event.siteId)?.has(id) ?? false;
    },
    remove({ id, event }) {
      const { tickets = [] } = accounts.get(event.siteId) ?? {};
      const place = tickets.findIndex(({ external_id: theirs }) => theirs === id);
      if (place >= 0) tickets.splice(place, 1);
    },
    distinct: () => new Set(all()).size,
    faultsMet: () =>
      [...accounts.values()].reduce(
        (sum, { arrivals }) => sum + arrivals.filter(({ fault }) => fault !== undefined).length,
        0,
      ),
    problems: () => (repeats(all()) === 0 ? [] : [`${repeats(all())} tickets are in Zendesk twice.`]),
    heal(siteId) {
      const account = accounts.get(siteId);
      if (account !== undefined) account.script.fault = () => undefined;
    },
    async close() {
      await Promise.all([...accounts.values()].map((account) => account.close()));
    },
  };
}
