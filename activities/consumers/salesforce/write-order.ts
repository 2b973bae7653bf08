import { createHash } from 'node:crypto';
import type { LoadedAttachment, Receipt } from '../../consumer';
import { isAddress } from '../email/address';
import type { Api, Write } from './api';
import { recognitionOf, type ObjectDescription, type Recognition } from './describe';
import { findEarlier, findTarget, type Target } from './find-records';
import { cutText, fitRecord } from './fit-record';
import type { Order } from './read-order';
import { SalesforceRefusal } from './salesforce-failure';

export interface WriteOptions {
  readonly order: Order;
  /** The delivery's id: what is written carries it. */
  readonly key: string;
  readonly keyField: string;
  /** An attempt before this one may have written it. */
  readonly mayBeWritten: boolean;
  /** Called right before the first write where a repeat is recognised only by looking. */
  readonly beforeWeakWrite: () => Promise<void>;
  readonly files: readonly LoadedAttachment[];
}

/** Writes an order once, whichever attempt it is. @returns what there is then @throws DeliveryFailure */
export async function writeOrder(api: Api, options: WriteOptions): Promise<Receipt> {
  const { order, key, keyField, mayBeWritten, beforeWeakWrite } = options;
  const { mode } = order;
  const record = await api.describe(mode.record);
  const target = mode.target === null ? null : await api.describe(mode.target);
  const recognition = recognitionOf(record, keyField);
  const isGuarded =
    recognition === 'unique' ||
    (mode.how === 'create' && target !== null && recognitionOf(target, keyField) === 'unique');
  const subject = recognition === 'subject' ? markSubject(order.subject, key) : order.subject;
  const plan: Plan = { ...options, order: markOrder(order, recognition, key, subject), record, target, recognition };

  const earlier = { mode, key, keyField, recognition, subject: subjectOf(plan), receivedAt: order.receivedAt };
  const receipt = (ids: Readonly<Record<string, string>>, more: object = {}): Promise<Receipt> =>
    describeReceipt(api, ids, { idempotency: isGuarded ? 'strong' : 'weak', ...more });
  if (mayBeWritten) {
    const found = await findEarlier(api, earlier);
    if (found !== null) return await receipt(found, { earlier: true });
  }
  if (!isGuarded) await beforeWeakWrite();

  let to = await findTarget(api, plan);
  for (let round = 1; ; round += 1) {
    const { writes, cut } = composeWrites(plan, to);
    try {
      const ids = await api.write(writes);
      return await receipt(nameIds(plan, to, ids), { ...to.flags, ...(cut.length > 0 && { cut }) });
    } catch (error) {
      if (!(error instanceof SalesforceRefusal) || round > 2) throw error;
      if (error.has('DUPLICATE_VALUE')) {
        const found = await findEarlier(api, earlier);
        if (found !== null) return await receipt(found, { earlier: true });
        throw error;
      }
      const next = await otherTarget(api, plan, to, error);
      if (next === null) throw error;
      if (recognition !== 'unique') await beforeWeakWrite();
      to = next;
    }
  }
}

interface Plan extends WriteOptions {
  readonly record: ObjectDescription;
  readonly target: ObjectDescription | null;
  readonly recognition: Recognition;
}

/** The one contact or lead that a duplicate rule names; or, where the one found was merged meanwhile, who stands for it now. */
async function otherTarget(api: Api, plan: Plan, to: Target, error: SalesforceRefusal): Promise<Target | null> {
  const { mode } = plan.order;
  if (error.has('DUPLICATES_DETECTED') && mode.how === 'create' && to.id === null) {
    const matches = error.errors.flatMap((one) => one.matches);
    const [only] = matches;
    return only !== undefined && matches.length === 1 && only.type === mode.target
      ? { ...to, id: only.id, flags: { duplicateOf: only.id } }
      : null;
  }
  const isGone = error.has('INVALID_CROSS_REFERENCE_KEY') || error.has('ENTITY_IS_DELETED');
  if (!isGone || to.id === null || to.isGiven || mode.how === 'create') return null;
  const found = await findTarget(api, plan);
  return found.id === to.id ? null : found;
}

function composeWrites(plan: Plan, to: Target): { readonly writes: readonly Write[]; readonly cut: readonly string[] } {
  const { order, record, target, key, keyField } = plan;
  const { mode, person } = order;
  // A visitor may enter anything: the record comes without what is no address, which Salesforce would refuse.
  const email = order.email !== null && isAddress(order.email) ? order.email : null;
  const writes: Write[] = [];
  const cut: Record<string, string> = {};
  let reference: string | null = to.id;
  const keyOf = (object: ObjectDescription): Record<string, string> => {
    const name = object.fields.get(keyField.toLowerCase());
    return name?.createable ? { [name.name]: key } : {};
  };

  if (target !== null && mode.how === 'create' && to.id === null) {
    const defaults = {
      LastName: person.name ?? order.email,
      Email: email,
      Phone: person.phone,
      ...(mode.target === 'Lead' && { Company: person.company ?? '[not provided]' }),
    };
    const fitted = fitRecord(target, 'createable', order.targetValues, defaults);
    Object.assign(cut, fitted.cut);
    writes.push({
      method: 'POST',
      path: target.name,
      referenceId: 'target',
      body: { ...fitted.body, ...keyOf(target) },
    });
    reference = '@{target.id}';
  }
  if (target !== null && to.id !== null && (mode.how === 'updateNull' || mode.how === 'updateAll')) {
    const empty = Object.entries(order.targetValues).filter(([name]) => isEmpty(to.values[name.toLowerCase()]));
    const values = mode.how === 'updateAll' ? order.targetValues : Object.fromEntries(empty);
    const { body } = fitRecord(target, 'updateable', values);
    if (Object.keys(body).length > 0) {
      writes.push({ method: 'PATCH', path: `${target.name}/${to.id}`, referenceId: 'target', body });
    }
  }
  const isCase = mode.record === 'Case';
  const unknownPerson = isCase && reference === null;
  const fitted = fitRecord(record, 'createable', order.recordValues, {
    Subject: order.subject,
    Description: order.text,
    ...(unknownPerson && {
      SuppliedName: person.name,
      SuppliedEmail: email,
      SuppliedPhone: person.phone,
      SuppliedCompany: person.company,
    }),
  });
  Object.assign(cut, fitted.cut);
  const link = reference === null ? {} : { [isCase ? 'ContactId' : 'WhoId']: reference };
  writes.push({
    method: 'POST',
    path: record.name,
    referenceId: 'record',
    body: { ...fitted.body, ...link, ...keyOf(record) },
  });
  writes.push(...fileWrites(plan, cut));
  return { writes, cut: Object.keys(cut) };
}

/** Whole texts of what was cut, and the event's files, at the case or task. */
function fileWrites({ files }: Plan, cut: Readonly<Record<string, string>>): Write[] {
  const texts = Object.entries(cut).map(([name, text]) => ({ name: `${name}.txt`, content: Buffer.from(text) }));
  const all = [...texts, ...files.map(({ name, content }, i) => ({ name: name ?? `file-${i + 1}`, content }))];
  return all.map(({ name, content }, i) => ({
    method: 'POST',
    path: 'ContentVersion',
    referenceId: `file${i}`,
    body: {
      Title: cutText(name, 255),
      PathOnClient: cutText(name.replaceAll(/[/\\]/g, '_'), 255),
      VersionData: content.toString('base64'),
      FirstPublishLocationId: '@{record.id}',
    },
  }));
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

function nameIds({ order: { mode } }: Plan, to: Target, ids: Readonly<Record<string, string>>) {
  const { record = '', target = to.id } = ids;
  const who = mode.target?.toLowerCase();
  return { [mode.record.toLowerCase()]: record, ...(who !== undefined && target !== null && { [who]: target }) };
}

async function describeReceipt(api: Api, ids: Readonly<Record<string, string>>, more: object): Promise<Receipt> {
  const origin = await api.instanceUrl();
  return { ids, urls: Object.fromEntries(Object.entries(ids).map(([kind, id]) => [kind, `${origin}/${id}`])), ...more };
}

/** What makes the subject of one delivery unlike all others, the same on every try. */
export const markOf = (key: string): string =>
  createHash('sha256').update(key).digest('hex').slice(0, 10).toUpperCase();

const SUBJECT_LENGTH = 255;

function markSubject(subject: string, key: string): string {
  const mark = ` [${markOf(key)}]`;
  return `${cutText(subject, SUBJECT_LENGTH - mark.length)}${mark}`;
}

/** Where repeats are recognised by the subject, the listed one is marked, too. */
function markOrder(order: Order, recognition: Recognition, key: string, subject: string): Order {
  if (recognition !== 'subject') return order;
  const recordValues = Object.fromEntries(
    Object.entries(order.recordValues).map(([name, value]) => [
      name,
      name.toLowerCase() === 'subject' ? markSubject(value, key) : value,
    ]),
  );
  return { ...order, subject, recordValues };
}

/** The very subject that is written. */
function subjectOf({ record, order }: Plan): string {
  const { body } = fitRecord(record, 'createable', pickSubject(order), { Subject: order.subject });
  return String(body['Subject'] ?? '');
}

const pickSubject = ({ recordValues }: Order): Record<string, string> =>
  Object.fromEntries(Object.entries(recordValues).filter(([name]) => name.toLowerCase() === 'subject'));
