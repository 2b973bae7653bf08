import type { Tx } from './tx';

export type SubscriptionState = 'active' | 'paused' | 'resuming';

/** Event type -> data queue -> consumer, for all sites ("*") or one. */
export interface SubscriptionRow {
  readonly dataQueue: string;
  readonly siteId: string;
  readonly eventType: string;
  readonly consumer: string;
  /** resuming = active, while a workflow redrives the deliveries that waited, at its own rate. */
  readonly state: SubscriptionState;
  /** The events that it takes, in internal form; null = all. */
  readonly filter: unknown;
}

export interface ListedSubscription extends SubscriptionRow {
  /** Deliveries that are parked until it is active. */
  readonly waiting: number;
}

/** All subscriptions, or the ones that apply to a site, in order of data queue and site. */
export async function listSubscriptions(tx: Tx, siteId?: string): Promise<ListedSubscription[]> {
  return (await tx.query<ListedSubscription>(LIST, [siteId ?? null])).rows;
}

/** Whether any site has a subscription of this name. */
export async function isDataQueue(tx: Tx, name: string): Promise<boolean> {
  return (await tx.query('select from subscription where data_queue = $1 limit 1', [name])).rowCount === 1;
}

/** @returns false if the data queue has a subscription for this site (or for all sites) already */
export async function insertSubscription(tx: Tx, subscription: SubscriptionRow): Promise<boolean> {
  const { dataQueue, siteId, eventType, consumer, state, filter } = subscription;
  const values = [dataQueue, siteId, eventType, consumer, state, asJson(filter)];
  return (await tx.query(INSERT, values)).rowCount === 1;
}

/**
 * Changes the state of a subscription. A site without a row of its own gets one, copied from the row for all sites.
 *
 * @returns false if there is no such data queue
 */
export async function setSubscriptionState(
  tx: Tx,
  dataQueue: string,
  siteId: string,
  state: SubscriptionState,
): Promise<boolean> {
  return (await tx.query(SET_STATE, [dataQueue, siteId, state])).rowCount === 1;
}

/**
 * Gives a subscription a filter, or null for none. A site without a row of its own gets one, copied from the row for all sites.
 *
 * @returns false if there is no such data queue
 */
export async function setSubscriptionFilter(
  tx: Tx,
  dataQueue: string,
  siteId: string,
  filter: unknown,
): Promise<boolean> {
  return (await tx.query(SET_FILTER, [dataQueue, siteId, asJson(filter)])).rowCount === 1;
}

const asJson = (filter: unknown): string | null => (filter === null ? null : JSON.stringify(filter));

/** Id of the workflow that redrives the deliveries which waited for a subscription. */
export const resumingWorkflowId = (dataQueue: string, siteId: string): string => `resume/${dataQueue}/${siteId}`;

/** The subscriptions that are resuming, each with the id of its workflow. */
export async function findResuming(
  tx: Tx,
): Promise<{ readonly dataQueue: string; readonly siteId: string; readonly workflowId: string }[]> {
  const text = `select data_queue as "dataQueue", site_id as "siteId" from subscription where state = 'resuming' order by 1, 2`;
  const { rows } = await tx.query<Pick<SubscriptionRow, 'dataQueue' | 'siteId'>>(text);
  return rows.map((row) => ({ ...row, workflowId: resumingWorkflowId(row.dataQueue, row.siteId) }));
}

/** The end of resuming: the subscription is active, unless an operator has paused it again. */
export async function finishResuming(tx: Tx, dataQueue: string, siteId: string): Promise<void> {
  const text = `update subscription set state = 'active' where data_queue = $1 and site_id = $2 and state = 'resuming'`;
  await tx.query(text, [dataQueue, siteId]);
}

const LIST = `
select s.data_queue as "dataQueue", s.site_id as "siteId", s.event_type as "eventType", s.consumer, s.state, s.filter,
       coalesce(w.waiting, 0) as waiting
from subscription s
left join lateral (
  select count(*) as waiting from delivery d
  where d.state = 'parked' and d.failure_type = 'Paused' and d.data_queue = s.data_queue
    and (d.site_id = s.site_id or (s.site_id = '*' and not exists (
          select from subscription own where own.data_queue = s.data_queue and own.site_id = d.site_id)))
) w on true
where $1::text is null or s.site_id = $1 or (s.site_id = '*' and not exists (
        select from subscription own where own.data_queue = s.data_queue and own.site_id = $1))
order by s.data_queue, s.site_id`;

const INSERT = `
insert into subscription (data_queue, site_id, event_type, consumer, state, filter) values ($1, $2, $3, $4, $5, $6)
on conflict do nothing`;

const SET_STATE = `
insert into subscription (data_queue, site_id, event_type, consumer, state, filter)
select s.data_queue, $2, s.event_type, s.consumer, $3, s.filter
from subscription s where s.data_queue = $1 and s.site_id in ($2, '*')
order by s.site_id = '*' limit 1
on conflict (data_queue, site_id) do update set state = excluded.state`;

const SET_FILTER = `
insert into subscription (data_queue, site_id, event_type, consumer, state, filter)
select s.data_queue, $2, s.event_type, s.consumer, s.state, $3::jsonb
from subscription s where s.data_queue = $1 and s.site_id in ($2, '*')
order by s.site_id = '*' limit 1
on conflict (data_queue, site_id) do update set filter = excluded.filter`;
