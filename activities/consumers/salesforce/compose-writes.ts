import type { Attachment } from '../../../events/attachment';

import { oneLine } from '../../../events/readable-text';
import { fileName } from '../../file-name';
import type { Write } from './api';
import type { ObjectDescription } from './describe';
import { kindOf, type Target } from './find-records';
import { fitRecord, withoutReferences, type Fitted } from './fit-record';
import type { Order, Values } from './read-order';

/** The order, and how its objects look. */
export interface Plan {
  readonly order: Order;
  /** The delivery's id: each record that is written carries it. */
  readonly key: string;
  readonly keyField: string;
  readonly files: readonly Attachment[];
  readonly record: ObjectDescription;
  readonly target: ObjectDescription | null;
  /** Texts that are cut already, whole, by the name of their field. */
  readonly cut: Readonly<Record<string, string>>;
  /** Whether the org's assignment rules choose owners. */
  readonly assignmentRules: boolean;
}

/** Values that could not be written as they were, by object and field; for the receipt. */
interface Shortened {
  readonly cut?: readonly string[];
  readonly leftOut?: readonly string[];
}

/** As Salesforce's own forms say where it demands a value and there is none. */
const NOT_PROVIDED = '[not provided]';

/** The owner of a record, and which rules of the org apply. */
export interface Attempt extends Target {
  /** A duplicate rule has warned of the contact or lead, which is saved all the same. */
  readonly savesDuplicate?: boolean;
}

/** All that is written for an order, to be done at once: contact or lead, then case or task, then its files. */
export function composeWrites(
  plan: Plan,
  { savesDuplicate, ...to }: Attempt,
): Shortened & { readonly writes: readonly Write[] } {
  const { order, record, target, key, keyField } = plan;
  const { mode, person, email } = order;
  const [name, company, phone] = [person.name, person.company, person.phone].map(
    (entered) => oneLine(entered ?? '') || null,
  );
  const writes: Write[] = [];
  const cut: Record<string, string> = { ...plan.cut };
  const leftOut: string[] = [];
  const fit = (
    object: ObjectDescription,
    access: 'createable' | 'updateable',
    values: Values,
    defaults: Readonly<Record<string, string | null>> = {},
  ): Fitted['body'] => {
    const fitted = fitRecord(object, access, values, defaults);
    for (const [name, text] of Object.entries(fitted.cut)) cut[`${object.name}.${name}`] = text;
    leftOut.push(...fitted.leftOut.map((name) => `${object.name}.${name}`));
    return fitted.body;
  };
  const externalIdOf = (object: ObjectDescription): Record<string, string> => {
    const name = object.fields.get(keyField.toLowerCase());
    return name?.createable ? { [name.name]: key } : {};
  };
  // Source: REST guide, "Duplicate Rule Header". Details, so that the address of a match can be compared.
  const httpHeaders = {
    'Sforce-Duplicate-Rule-Header': `allowSave=${savesDuplicate === true}; includeRecordDetails=true`,
  };
  let reference: string | null = to.id;

  if (target !== null && mode.how === 'create' && to.id === null) {
    const defaults = {
      LastName: name ?? email ?? NOT_PROVIDED,
      Email: email,
      Phone: phone ?? null,
      ...(mode.target === 'Lead' && { Company: company ?? NOT_PROVIDED }),
    };
    const body = { ...fit(target, 'createable', order.targetValues, defaults), ...externalIdOf(target) };
    writes.push({ method: 'POST', path: target.name, referenceId: 'target', body, httpHeaders });
    reference = '@{target.id}';
  }
  if (target !== null && to.id !== null && (mode.how === 'updateNull' || mode.how === 'updateAll')) {
    const empty = Object.entries(order.targetValues).filter(([name]) => isEmpty(to.values[name.toLowerCase()]));
    const body = fit(target, 'updateable', mode.how === 'updateAll' ? order.targetValues : Object.fromEntries(empty));
    if (Object.keys(body).length > 0) {
      writes.push({ method: 'PATCH', path: `${target.name}/${to.id}`, referenceId: 'target', body, httpHeaders });
    }
  }
  const isCase = mode.record === 'Case';
  const unknownPerson = isCase && reference === null;
  const fields = fit(record, 'createable', order.recordValues, {
    Subject: order.subject,
    Description: order.text,
    ...(unknownPerson && {
      SuppliedName: name ?? null,
      SuppliedEmail: email,
      SuppliedPhone: phone ?? null,
      SuppliedCompany: company ?? null,
    }),
  });
  const linkName = isCase ? 'ContactId' : reference !== null && kindOf(reference) === 'account' ? 'WhatId' : 'WhoId';
  const link = reference === null ? {} : { [linkName]: reference };
  const body = { ...fields, ...link, ...externalIdOf(record) };
  writes.push({ method: 'POST', path: record.name, referenceId: 'record', body });
  writes.push(...fileWrites(plan.files, cut));
  const names = Object.keys(cut);
  const all = plan.assignmentRules ? writes : writes.map(withoutAssignment);
  return { writes: all, ...(names.length > 0 && { cut: names }), ...(leftOut.length > 0 && { leftOut }) };
}

/** Nothing that a write brings about, such as a flow that makes a case, is assigned. Source: REST guide, "Assignment Rule Header". */
const withoutAssignment = (write: Write): Write => ({
  ...write,
  httpHeaders: { ...write.httpHeaders, 'Sforce-Auto-Assign': 'FALSE' },
});

/** The whole of each text that was cut, and the event's files, at the case or task. */
function fileWrites(files: readonly Attachment[], cut: Readonly<Record<string, string>>): Write[] {
  const texts = Object.entries(cut).map(([name, text]) => ({ name: `${name}.txt`, content: Buffer.from(text) }));
  const given = files.map(({ name, content }, i) => ({
    name: nameOf(name, `file-${i + 1}`),
    content,
  }));
  return [...texts, ...given].map(({ name, content }, i) => ({
    method: 'POST',
    path: 'ContentVersion',
    referenceId: `file${i}`,
    body: {
      Title: name,
      PathOnClient: name,
      VersionData: content.toString('base64'),
      FirstPublishLocationId: '@{record.id}',
    },
  }));
}

/** Cleaned first, as a control character may stand inside a reference. Then once more, as the text has become longer. */
const nameOf = (given: string | null, fallback: string): string =>
  fileName(withoutReferences(fileName(given, fallback)), fallback);

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
