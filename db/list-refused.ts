import { isoTime } from './fragments';
import type { Tx } from './tx';

/** Which refused events to list. Times are ISO. */
export interface RefusedFilter {
  readonly siteId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface ListedRefusal {
  readonly refusedAt: string;
  /** Null where the input names none that can be read. */
  readonly key: string | null;
  /** Type and site that the input claims. */
  readonly type: string | null;
  readonly siteId: string | null;
  readonly cluster: string;
  readonly workflowId: string;
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}

/** Events that could not be recorded, latest first, without their input. */
export async function listRefused(
  tx: Tx,
  { siteId, from, to }: RefusedFilter,
  limit: number,
): Promise<ListedRefusal[]> {
  return (await tx.query<ListedRefusal>(LIST_REFUSED, [siteId ?? null, from ?? null, to ?? null, limit])).rows;
}

/** Of the latest refused events, so many are searched for an id: their input is read. */
const SEARCHED = 500;

/** The latest refused events that have one of the keys, or in their input a value that is the text, in any case of letters. */
export async function findRefused(
  tx: Tx,
  {
    keys,
    text,
    siteId,
  }: { readonly keys: readonly string[]; readonly text: string; readonly siteId: string | undefined },
  limit: number,
): Promise<ListedRefusal[]> {
  return (await tx.query<ListedRefusal>(FIND_REFUSED, [keys, asValue(text), siteId ?? null, limit])).rows;
}

const COLUMNS = `${isoTime('refused_at')} as "refusedAt", key, type,
  site_id as "siteId", cluster, workflow_id as "workflowId", problems`;

/** A pattern of a JSON value, also in a text that is JSON itself, as .NET writes it: `\\u002B` for a plus sign. */
export const asValue = (text: string): string => `[":[, ]${text.replace(/[^a-z0-9]/giu, asCharacter)}["\\\\,}\\] ]`;

/** The character itself or escaped, in either case: PostgreSQL may know the cases of ASCII only. */
function asCharacter(character: string): string {
  const forms = [...new Set([character, character.toLowerCase(), character.toUpperCase()])];
  const own = forms.map((form) => (/^[\p{L}\p{N}]/u.test(form) ? form : `\\${form}`));
  const escaped = forms.map((form) =>
    form
      .split('')
      .map((unit) => `\\\\+u${hexOf(unit)}`)
      .join(''),
  );
  return `(?:${[...own, ...escaped].join('|')})`;
}

const hexOf = (unit: string): string => unit.charCodeAt(0).toString(16).padStart(4, '0');

const FIND_REFUSED = `
select ${COLUMNS} from (
  (select * from refused_event where key = any ($1::text[]) order by refused_at desc limit $4)
  union
  (select * from (select * from refused_event order by refused_at desc limit ${SEARCHED}) latest
   where ($3::text is null or site_id = $3) and convert_from(raw, 'UTF8') ~* $2)
) r order by refused_at desc limit $4`;

const LIST_REFUSED = `
select ${COLUMNS} from refused_event
where ($1::text is null or site_id = $1)
and ($2::timestamptz is null or refused_at >= $2) and ($3::timestamptz is null or refused_at < $3)
order by refused_at desc limit $4`;
