import { isTicketCreation, startZendesk } from '../activities/consumers/zendesk/fake';
import { deliveryId } from '../events/delivery-id';
import { crmServers, repeats, type Connect, type CrmPlan, type Destination } from './destination';

/** A Zendesk account of each site. */
export async function openZendesks(plans: Readonly<Record<string, CrmPlan>>, connect: Connect): Promise<Destination> {
  const accounts = new Map<string, Awaited<ReturnType<typeof startZendesk>>>();
  /** Connections by site. */
  const connections = new Map<string, string>();
  /** When (ms since 1970) each delivery's first request for a ticket came, by its id. */
  const arrivals = new Map<string, number>();
  const noting =
    (plan: CrmPlan): CrmPlan =>
    (request) => {
      const id = isTicketCreation(request) && /"external_id":"([^"]+)"/.exec(request.body)?.[1];
      if (id && !arrivals.has(id)) arrivals.set(id, Date.now());
      return plan(request);
    };
  for (const [siteId, fault] of Object.entries(plans)) {
    const zendesk = await startZendesk({ fault: noting(fault) });
    accounts.set(siteId, zendesk);
    connections.set(siteId, await connect(siteId, 'zendesk', zendesk.account.config, zendesk.account.secrets));
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
    problems: () => (repeats(all()) === 0 ? [] : [`${repeats(all())} tickets are in Zendesk twice.`]),
    arrivedAt: (siteId, key) =>
      arrivals.get(deliveryId(key, `${key.split('/')[0]}.Zendesk`, connections.get(siteId) ?? '')),
    forget() {
      arrivals.clear();
      for (const account of accounts.values()) for (const list of [account.tickets, account.arrivals]) list.splice(0);
    },
    ...crmServers(accounts),
  };
}
