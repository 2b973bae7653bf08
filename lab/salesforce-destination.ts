import { configSchema } from '../activities/consumers/salesforce/account';
import { startSalesforce } from '../activities/consumers/salesforce/fake';
import { isSent, readOrder, type Order } from '../activities/consumers/salesforce/read-order';
import { markOf } from '../activities/consumers/salesforce/mark-subject';
import type { ImpliedDelivery } from './account';
import { crmServers, repeats, type Connect, type CrmPlan, type Destination } from './destination';

/** A site's Salesforce org. */
export interface OrgPlan {
  readonly fault: CrmPlan;
  /** False: the org has no field for the delivery's id, so that repeats are recognised by the subject. Default: true. */
  readonly hasKeyField?: boolean;
  /** People whom the org knows, each as a contact and as a lead. Default: none. */
  readonly people?: readonly { readonly name: string; readonly email: string }[];
}

type Fake = Awaited<ReturnType<typeof startSalesforce>>;
type Stored = ReturnType<Fake['records']>[number];

interface Org {
  readonly fake: Fake;
  /** Ids of the contacts and leads that were there before. */
  readonly known: ReadonlySet<string>;
}

const OBJECTS = ['Case', 'Task', 'Contact', 'Lead'] as const;
const KEY_FIELD = 'ChatPipelineKey__c';
/** The sites' own field for order numbers. */
const FIELDS = { Case: { Order__c: { length: 40 } } };

/** A Salesforce org of each site. */
export async function openSalesforces(
  plans: Readonly<Record<string, OrgPlan>>,
  connect: Connect,
): Promise<Destination> {
  const orgs = new Map<string, Org>();
  for (const [siteId, { fault, hasKeyField = true, people = [] }] of Object.entries(plans)) {
    const fake = await startSalesforce({ fault, externalIdField: hasKeyField, fields: FIELDS });
    const known = people.flatMap(({ name, email }) => [
      fake.add('Contact', { LastName: name, Email: email }),
      fake.add('Lead', { LastName: name, Email: email, Company: name }),
    ]);
    orgs.set(siteId, { fake, known: new Set(known) });
    await connect(siteId, 'salesforce', fake.account.config, fake.account.secrets);
  }
  const recordOf = ({ id, event }: ImpliedDelivery): Stored | undefined => {
    const org = orgs.get(event.siteId);
    return org && recordsOf(org).find((record) => nameOf(record) === id || nameOf(record) === markOf(id));
  };
  return {
    consumer: 'salesforce',
    asksNothing: (delivery) => orderOf(delivery) === null,
    look() {
      const records = new Map(
        [...orgs].map(([siteId, org]) => [siteId, new Map(recordsOf(org).map((one) => [nameOf(one), one]))]),
      );
      return (delivery) => {
        const { id, event } = delivery;
        const [org, order, named] = [orgs.get(event.siteId), orderOf(delivery), records.get(event.siteId)];
        const record = named?.get(id) ?? named?.get(markOf(id));
        return !!org && !!order && !!record && isWhole(org, order, record);
      };
    },
    remove(delivery) {
      const [org, record] = [orgs.get(delivery.event.siteId), recordOf(delivery)];
      if (org === undefined || record === undefined) return;
      org.fake.remove(record.id);
      for (const { id } of orphansOf(org)) org.fake.remove(id);
    },
    distinct: () => [...orgs.values()].reduce((sum, org) => sum + new Set(recordsOf(org).map(nameOf)).size, 0),
    problems() {
      const all = [...orgs.values()];
      const twice = all.reduce((sum, org) => sum + repeats(recordsOf(org).map(nameOf)), 0);
      const alone = all.flatMap(orphansOf).length;
      return [
        ...(twice === 0 ? [] : [`${twice} cases or tasks are in Salesforce twice.`]),
        ...(alone === 0 ? [] : [`${alone} contacts or leads were created in Salesforce without case or task.`]),
      ];
    },
    forget() {
      for (const { fake, known } of orgs.values()) {
        for (const { id } of OBJECTS.flatMap((type) => fake.records(type))) if (!known.has(id)) fake.remove(id);
        fake.arrivals.splice(0);
      }
    },
    ...crmServers(new Map([...orgs].map(([siteId, { fake }]) => [siteId, fake]))),
  };
}

/** How an offline message is written where a connection says nothing else, as those here do. */
const offlineConfig = configSchema.parse({
  authorization: 'clientCredentials',
  loginUrl: 'https://example.my.salesforce.com',
  clientId: 'any',
});

/** The order of the event; null: none. */
const orderOf = ({ event }: ImpliedDelivery): Order | null => (isSent(event) ? readOrder(event, offlineConfig) : null);

const recordsOf = ({ fake }: Org): Stored[] => [...fake.records('Case'), ...fake.records('Task')];

/** The delivery's id, or the mark of it that ends the subject. */
const nameOf = ({ values }: Stored): string =>
  String(values[KEY_FIELD] ?? /\[([0-9A-F]{10})\]$/.exec(String(values['Subject']))?.[1]);

const whoOf = ({ values }: Stored): string => String(values['ContactId'] ?? values['WhoId'] ?? '');

/** The record has the kind that the event asks for and the right parent: only a case may have none, where no person was found. */
function isWhole({ fake }: Org, { mode }: Order, record: Stored): boolean {
  const mayBeAlone = mode.target === null || (mode.record === 'Case' && mode.how !== 'create');
  const isAttached = mode.target !== null && fake.records(mode.target).some(({ id }) => id === whoOf(record));
  return record.type === mode.record && (mayBeAlone || isAttached);
}

/** Contacts and leads that were created and that no record is for. */
function orphansOf(org: Org): Stored[] {
  const used = new Set(recordsOf(org).map(whoOf));
  const created = [...org.fake.records('Contact'), ...org.fake.records('Lead')].filter(({ id }) => !org.known.has(id));
  return created.filter(({ id }) => !used.has(id));
}
