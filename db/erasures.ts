import type { ErasedBatch } from './erase-events';
import { isoSeconds } from './fragments';
import type { Owner } from './owner';
import type { Tx } from './tx';

/** The rows that an erasure has removed from the database, and the copies that it cannot remove. */
export interface ErasureReceipt extends Pick<ErasedBatch, 'rows'> {
  readonly events: number;
  readonly refused: number;
  /** Records at destinations, for the site to delete. */
  readonly atDestinations: ErasedBatch['left'];
  /**
   * When Temporal's retention deletes the last copies in batches that the erasure cannot name, ISO, by cluster; null = the cluster did not
   * answer. Absent in receipts of older releases.
   */
  readonly copiesEnd?: Readonly<Record<string, string | null>>;
  /** Of the journals that were given; the last two are absent in receipts of older releases. */
  readonly journals?: {
    /** Entries that were written over. */
    readonly blanked: number;
    /** Entries that their publishers may still need. */
    readonly left: number;
    /** Bytes that are no whole entry. */
    readonly damagedBytes?: number;
    /** Entries of the site that cannot be read as events: they may be of the person. */
    readonly unread?: number;
  };
  /** The command was ended before it had erased everything; it can be called again. */
  readonly unfinished?: true;
}

/** A request to erase. It keeps no id of a person. */
export interface Erasure {
  readonly id: string;
  readonly siteId: string;
  /** visitor, email, event or site. */
  readonly by: string;
  readonly requestedAt: string;
  /** Null: workflows are still to be deleted, or the command was ended before it had erased everything. */
  readonly doneAt: string | null;
  /** Workflows that are still to be deleted, by cluster. */
  readonly waiting: Readonly<Record<string, number>>;
  /** Null: the command was ended before it had erased anything. */
  readonly receipt: ErasureReceipt | null;
}

export async function addErasure(tx: Tx, { id, siteId, by }: Pick<Erasure, 'id' | 'siteId' | 'by'>): Promise<void> {
  await tx.query('insert into erasure (id, site_id, by) values ($1, $2, $3)', [id, siteId, by]);
}

/** Keeps the counts so far. */
export async function writeReceipt(tx: Tx, id: string, receipt: ErasureReceipt): Promise<void> {
  await tx.query('update erasure set receipt = $2 where id = $1', [id, JSON.stringify(receipt)]);
}

/** Adds to a receipt that is written. */
export async function addToReceipt(
  tx: Tx,
  id: string,
  part: Pick<ErasureReceipt, 'journals' | 'copiesEnd'>,
): Promise<void> {
  await tx.query('update erasure set receipt = receipt || $2 where id = $1', [id, JSON.stringify(part)]);
}

/** Which of these keys are of erased events. */
export async function findErased(tx: Tx, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await tx.query<{ key: string }>('select key from erased_event where key = any ($1::text[])', [keys]);
  return new Set(rows.map(({ key }) => key));
}

export async function readErasure(tx: Tx, id: string): Promise<Erasure | undefined> {
  return (await tx.query<Erasure>(`${READ} where e.id = $1`, [id])).rows[0];
}

/** The latest first. */
export async function listErasures(tx: Tx, limit: number): Promise<Erasure[]> {
  return (await tx.query<Erasure>(`${READ} order by e.requested_at desc limit $1`, [limit])).rows;
}

const READ = `
select e.id, e.site_id as "siteId", e.by, ${isoSeconds('e.requested_at')} as "requestedAt", e.receipt,
  (select coalesce(jsonb_object_agg(cluster, n), '{}') from
    (select cluster, count(*) as n from erased_workflow w where w.erasure = e.id group by 1) c) as waiting,
  case when e.receipt is not null and not e.receipt ? 'unfinished'
    and not exists (select from erased_workflow w where w.erasure = e.id) then ${isoSeconds('coalesce(e.workflows_done_at, e.requested_at)')} end as "doneAt"
from erasure e`;

export interface WorkflowToErase {
  readonly cluster: string;
  readonly workflowId: string;
  /** Its event was erased, so nothing in it has to be finished. */
  readonly isOwn: boolean;
  /** A worker was just recording the event when it was erased. */
  readonly isRecorded: boolean;
  /** It was erased some seconds ago: a recording that had begun before may still be under way. */
  readonly isFresh: boolean;
  readonly erasure: string;
}

/** Workflows that are due, on these clusters. */
export async function findWorkflowsToErase(
  tx: Tx,
  clusters: readonly string[],
  limit: number,
): Promise<WorkflowToErase[]> {
  return (await tx.query<WorkflowToErase>(FIND_WORKFLOWS, [clusters, limit])).rows;
}

/** Looks at it again after some seconds: it is open, or the cluster has just been told to delete it. */
export async function eraseLater(tx: Tx, { cluster, workflowId }: WorkflowToErase, seconds: number): Promise<void> {
  await tx.query(LATER, [cluster, workflowId, seconds]);
}

/** The cluster does not know it any more. */
export async function noteErased(tx: Tx, { cluster, workflowId }: WorkflowToErase): Promise<void> {
  await tx.query(NOTE, [cluster, workflowId]);
}

const FIND_WORKFLOWS = `
select w.cluster, w.workflow_id as "workflowId", w.erasure,
  x.key is not null as "isOwn", x.key is not null and e.key is not null as "isRecorded",
  coalesce(x.erased_at > now() - interval '15 seconds', false) as "isFresh"
from erased_workflow w
left join erased_event x on x.key = w.workflow_id
left join event e on e.key = w.workflow_id
where w.cluster = any ($1::text[]) and w.look_at <= now() order by w.look_at limit $2`;

const LATER = `
update erased_workflow set look_at = now() + $3::float8 * interval '1 second' where cluster = $1 and workflow_id = $2`;

const NOTE = `
with gone as (delete from erased_workflow where cluster = $1 and workflow_id = $2 returning erasure)
update erasure set workflows_done_at = now() from gone where id = gone.erasure`;

/**
 * Notes the workflow that met events which are erased: its input has their data again, so it is deleted once it has closed, or at
 * once where it is the event's own.
 */
export async function noteErasedAgain(tx: Tx, keys: readonly string[], { cluster, workflowId }: Owner): Promise<void> {
  await tx.query(NOTE_AGAIN, [keys, cluster, workflowId]);
}

const NOTE_AGAIN = `
insert into erased_workflow (cluster, workflow_id, erasure)
select distinct $2, $3, erasure from erased_event where key = any ($1::text[])
on conflict (cluster, workflow_id, erasure) do nothing`;
