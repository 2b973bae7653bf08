import { readAddress } from '../../../events/address';
import type { Receipt } from '../../consumer';
import type { SalesforceConfig } from './account';
import type { Api } from './api';
import { composeWrites, type Attempt, type Plan } from './compose-writes';
import { recognitionOf } from './describe';
import { findConverted, findEarlier, findTarget, kindOf, type Target } from './find-records';
import { markSubject } from './mark-subject';
import { SalesforceRefusal } from './salesforce-failure';

export interface WriteOptions extends Pick<Plan, 'order' | 'key' | 'keyField' | 'files' | 'assignmentRules'> {
  /** The way to treat a contact or lead that a duplicate rule objects to. */
  readonly duplicates: SalesforceConfig['duplicates'];
  /** An attempt before this one may have written it. */
  readonly mayBeWritten: boolean;
  /** Called right before the first write where a repeat is recognised only by looking. */
  readonly beforeWeakWrite: () => Promise<void>;
}

/** Writes an order once, however many attempts it takes. @returns the records that are there then @throws DeliveryFailure */
export async function writeOrder(api: Api, options: WriteOptions): Promise<Receipt> {
  const { order, key, keyField, mayBeWritten, beforeWeakWrite, duplicates } = options;
  const { mode } = order;
  const record = await api.describe(mode.record);
  const target = mode.target === null ? null : await api.describe(mode.target);
  const recognition = recognitionOf(record, keyField);
  const isKeyed = recognition === 'unique';
  const createsKeyed = mode.how === 'create' && target !== null && recognitionOf(target, keyField) === 'unique';
  /** Whether Salesforce itself refuses a second one: by the key of the record, or of who is created with it. */
  const isGuarded = (to: Pick<Target, 'id'>): boolean => isKeyed || (createsKeyed && to.id === null);
  const subjectField = record.fields.get('subject');
  const marked =
    recognition === 'subject' && subjectField?.createable ? markSubject(order, key, subjectField.length) : undefined;
  const cut = marked?.whole === undefined ? {} : { [`${record.name}.Subject`]: marked.whole };
  const plan: Plan = { ...options, order: marked?.order ?? order, record, target, cut };
  const subject = marked?.order.subject ?? null;
  const earlier = { mode, key, keyField, recognition, subject, receivedAt: order.receivedAt };
  const receipt = (ids: Readonly<Record<string, string>>, isSure: boolean, more: object): Promise<Receipt> =>
    describeReceipt(api, ids, { idempotency: isSure ? 'strong' : 'weak', ...more });
  const look = async (): Promise<Receipt | null> => {
    const found = await findEarlier(api, earlier);
    return found && (await receipt(found, isKeyed, { earlier: true }));
  };
  // Where only looking tells, it looks always: a database that was restored from a backup knows of no attempt.
  if (mayBeWritten || !isGuarded({ id: null })) {
    const done = await look();
    if (done !== null) return done;
  }

  let to: Attempt = await findTarget(api, plan);
  for (let round = 1; ; round += 1) {
    if (!isGuarded(to)) await beforeWeakWrite();
    const { writes, ...shortened } = composeWrites(plan, to);
    try {
      const ids = await api.write(writes);
      return await receipt(nameIds(plan, to, ids), isGuarded(to), {
        ...to.flags,
        ...(to.savesDuplicate && { savedAsDuplicate: true }),
        ...shortened,
      });
    } catch (error) {
      if (!(error instanceof SalesforceRefusal)) throw error;
      if (error.has('DUPLICATE_VALUE')) {
        const found = await findEarlier(api, earlier);
        const ids = found ?? ownDuplicate(error, keyField);
        if (ids !== null) return await receipt(ids, isGuarded(to), { earlier: true });
        throw error;
      }
      const isDuplicate = error.has('DUPLICATES_DETECTED');
      const next = isDuplicate ? inSpiteOfRule(plan, to, error, duplicates) : await otherTarget(api, plan, to, error);
      // The rule may have met the record of an earlier attempt: no key tells of that any more.
      const done = isDuplicate && (next === null || !isGuarded(next)) ? await look() : null;
      if (done !== null) return done;
      if (next === null || round > 2) throw error;
      to = next;
    }
  }
}

/** The record that has our key already: written before, and not visible to our user any more, as a rule has given it to another user. */
function ownDuplicate({ errors }: SalesforceRefusal, keyField: string): Readonly<Record<string, string>> | null {
  for (const { duplicateOf } of errors) {
    const isOurs = duplicateOf?.fields.some((name) => name.toLowerCase() === keyField.toLowerCase());
    const kind = kindOf(duplicateOf?.id ?? '');
    if (duplicateOf && isOurs && kind !== undefined) return { [kind]: duplicateOf.id };
  }
  return null;
}

/** How to go on where a duplicate rule objects; null where a person has to decide. */
function inSpiteOfRule(
  { order: { mode, email } }: Plan,
  to: Attempt,
  { errors }: SalesforceRefusal,
  duplicates: WriteOptions['duplicates'],
): Attempt | null {
  const objections = errors.filter(({ code }) => code === 'DUPLICATES_DETECTED');
  const mayBeSaved = duplicates !== 'attachOrPark' && objections.every((one) => one.mayBeSaved);
  const saved = mayBeSaved && !to.savesDuplicate ? { ...to, savesDuplicate: true } : null;
  if (duplicates === 'save' && saved !== null) return saved;
  const isNew = mode.how === 'create' && to.id === null;
  // A rule may compare names or numbers, which say little: only who has the address is the same person.
  const address = readAddress(email);
  const same = objections
    .flatMap(({ matches }) => matches)
    .filter(({ type, hasEmail }) => isNew && type === mode.target && address !== null && hasEmail(address));
  const [only, ...others] = new Set(same.map(({ id }) => id));
  if (only !== undefined && others.length === 0) return { ...to, id: only, flags: { duplicateOf: only } };
  return saved;
}

/** Where the target was merged or converted since it was found: the record that has taken its place. */
async function otherTarget(api: Api, plan: Plan, to: Attempt, error: SalesforceRefusal): Promise<Attempt | null> {
  if (error.has('CANNOT_UPDATE_CONVERTED_LEAD')) return await findConverted(api, plan.target, to.id);
  const isGone = error.has('INVALID_CROSS_REFERENCE_KEY') || error.has('ENTITY_IS_DELETED');
  if (!isGone || to.id === null || to.isGiven || plan.order.mode.how === 'create') return null;
  const found = await findTarget(api, plan);
  return found.id === to.id ? null : found;
}

function nameIds({ order: { mode } }: Plan, to: Target, ids: Readonly<Record<string, string>>) {
  const { record = '', target = to.id } = ids;
  const who = target === null || mode.target === null ? {} : { [kindOf(target) ?? mode.target.toLowerCase()]: target };
  return { [mode.record.toLowerCase()]: record, ...who };
}

async function describeReceipt(api: Api, ids: Readonly<Record<string, string>>, more: object): Promise<Receipt> {
  const { instanceUrl: origin } = await api.token();
  return { ids, urls: Object.fromEntries(Object.entries(ids).map(([kind, id]) => [kind, `${origin}/${id}`])), ...more };
}
