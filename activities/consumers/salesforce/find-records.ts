import { readAddress } from '../../../events/address';
import { DeliveryFailure } from '../../failures';
import type { Api } from './api';
import type { ObjectDescription, Recognition } from './describe';
import type { Mode } from './modes';
import type { Order } from './read-order';
import { isName, quote, select } from './soql';

/** The contact or lead that a record is attached to. */
export interface Target {
  /** Null: none, or one that is created. */
  readonly id: string | null;
  /** The list of fields named it. */
  readonly isGiven: boolean;
  /** Its present values of the fields that may be updated, by name in lower case. */
  readonly values: Readonly<Record<string, unknown>>;
  /** For the receipt. */
  readonly flags: Readonly<Record<string, unknown>>;
}

const none: Target = { id: null, isGiven: false, values: {}, flags: {} };

/**
 * Finds whom the record is for: by the id that the list of fields names, else by e-mail address. Of several the one that was
 * changed last.
 *
 * @throws DeliveryFailure Rejected (SF_TARGET_NOT_FOUND) when there is no contact or lead for a task; a case stands alone then
 */
export async function findTarget(
  api: Api,
  { order, target }: { readonly order: Order; readonly target: ObjectDescription | null },
): Promise<Target> {
  const { mode, targetId, email, targetValues } = order;
  if (target === null || mode.how === 'none' || mode.how === 'create') return none;
  const where = conditions(mode, targetId, email);
  const names = mode.how === 'find' ? [] : knownNames(target, Object.keys(targetValues));
  const found =
    where === null
      ? []
      : await api.query(
          select({
            fields: ['Id', ...names],
            from: target.name,
            where,
            orderBy: 'LastModifiedDate DESC',
            limit: 2,
          }),
        );
  const [first] = found;
  if (first === undefined) {
    if (mode.record === 'Case') return { ...none, flags: { degraded: true } };
    const message = `There is no ${target.name} with that address or id: create it, then redrive.`;
    throw new DeliveryFailure('Rejected', message, { details: { code: 'SF_TARGET_NOT_FOUND' } });
  }
  return {
    id: String(first['Id']),
    isGiven: targetId !== null,
    values: Object.fromEntries(Object.entries(first).map(([name, value]) => [name.toLowerCase(), value])),
    flags: found.length > 1 ? { ambiguousMatch: true } : {},
  };
}

/**
 * The contact that a lead was converted to, or the account where there is no contact. Source: Object reference, "Lead".
 *
 * @returns null where it is no such lead, or the user may not see the contact that it has become
 */
export async function findConverted(
  api: Api,
  target: ObjectDescription | null,
  leadId: string | null,
): Promise<Target | null> {
  if (target?.name !== 'Lead' || leadId === null) return null;
  const names = knownNames(target, ['ConvertedContactId', 'ConvertedAccountId']);
  const where = [`Id=${quote(leadId)}`];
  const [lead] = await api.query(
    select({ fields: ['Id', ...names], from: 'Lead', where, orderBy: 'LastModifiedDate DESC', limit: 1 }),
  );
  const id = names.map((name) => lead?.[name]).find((one) => typeof one === 'string');
  return id === undefined ? null : { ...none, id, flags: { convertedLead: leadId } };
}

/** The beginning of the ids of a kind, the same in every org. */
const KINDS: Readonly<Record<string, string>> = {
  '500': 'case',
  '00T': 'task',
  '003': 'contact',
  '00Q': 'lead',
  '001': 'account',
};

/** The kind of record that has this id, as receipts name it. */
export const kindOf = (id: string): string | undefined => KINDS[id.slice(0, 3)];

const ID = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;

/** Null where the event names no person. */
function conditions({ target }: Mode, id: string | null, email: string | null): string[] | null {
  const open = target === 'Lead' ? ['IsConverted=false'] : [];
  if (id !== null) {
    if (ID.test(id)) return [`Id=${quote(id)}`, ...open];
    const message =
      'The Id in the list of fields is no id of Salesforce; discard the delivery, and correct the chat server.';
    throw new DeliveryFailure('Rejected', message, { details: { code: 'MALFORMED_ID' } });
  }
  const address = readAddress(email);
  return address === null ? null : [`Email=${quote(address)}`, ...open];
}

/** As Salesforce spells them; a field that it does not know is refused when it is written. */
const knownNames = ({ fields }: ObjectDescription, names: readonly string[]): string[] =>
  names.flatMap((name) => fields.get(name.toLowerCase())?.name ?? []).filter(isName);

interface Earlier {
  readonly mode: Mode;
  readonly key: string;
  readonly keyField: string;
  readonly recognition: Recognition;
  /** The very one that is written; null where the user cannot write any. */
  readonly subject: string | null;
  readonly receivedAt: number;
}

const DAY_MS = 24 * 3600_000;

/** The records of an earlier attempt. @returns ids by kind, null when there are none */
export async function findEarlier(api: Api, earlier: Earlier): Promise<Record<string, string> | null> {
  const { mode, key, keyField, recognition, subject, receivedAt } = earlier;
  const who = mode.record === 'Case' ? 'ContactId' : 'WhoId';
  const since = new Date(receivedAt - DAY_MS).toISOString();
  const find = async (from: string, fields: readonly string[], where: readonly string[]) =>
    (await api.query(select({ fields, from, where, orderBy: 'CreatedDate', limit: 1 })))[0];
  const mine =
    subject === null ? [`${keyField}=${quote(key)}`] : [`Subject=${quote(subject)}`, `CreatedDate>=${since}`];
  const isFindable = recognition !== 'subject' || subject !== null;
  const record = isFindable ? await find(mode.record, ['Id', who], mine) : undefined;
  if (record !== undefined) {
    const target = record[who];
    return {
      [mode.record.toLowerCase()]: String(record['Id']),
      ...(mode.target !== null &&
        typeof target === 'string' && { [kindOf(target) ?? mode.target.toLowerCase()]: target }),
    };
  }
  // All was written at once: where the contact or lead that was created with it is there, a user has removed the case or task since.
  if (mode.how !== 'create' || mode.target === null) return null;
  const target = await api.describe(mode.target);
  if (!target.fields.get(keyField.toLowerCase())?.filterable) return null;
  const created = await find(mode.target, ['Id'], [`${keyField}=${quote(key)}`]);
  return created === undefined ? null : { [mode.target.toLowerCase()]: String(created['Id']) };
}
