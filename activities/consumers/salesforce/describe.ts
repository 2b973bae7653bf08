import { z } from 'zod';

const field = z.object({
  name: z.string(),
  type: z.string(),
  length: z.number().default(0),
  precision: z.number().default(0),
  scale: z.number().default(0),
  createable: z.boolean(),
  updateable: z.boolean(),
  nillable: z.boolean(),
  defaultedOnCreate: z.boolean().default(false),
  externalId: z.boolean().default(false),
  unique: z.boolean().default(false),
  filterable: z.boolean().default(false),
});

/** A field of an object, as far as the connection's user sees it. `length`: characters, `precision`: digits; 0 where there is no limit. */
export type FieldDescription = z.output<typeof field>;

const answer = z.object({
  name: z.string(),
  createable: z.boolean(),
  updateable: z.boolean().default(true),
  queryable: z.boolean().default(true),
  fields: z.array(field),
});

/** An object, as the connection's user sees it. */
export interface ObjectDescription {
  readonly name: string;
  readonly isCreateable: boolean;
  readonly isUpdateable: boolean;
  readonly isQueryable: boolean;
  /** By name in lower case: Salesforce does not mind the case. */
  readonly fields: ReadonlyMap<string, FieldDescription>;
}

/** Reads the answer of `sobjects/{name}/describe`; undefined for anything else. */
export function readDescription(body: unknown): ObjectDescription | undefined {
  const { data } = answer.safeParse(body);
  if (data === undefined) return undefined;
  const fields = new Map(data.fields.map((one) => [one.name.toLowerCase(), one]));
  const { name, createable: isCreateable, updateable: isUpdateable, queryable: isQueryable } = data;
  return { name, isCreateable, isUpdateable, isQueryable, fields };
}

/** How surely a record is recognised when it is written again. */
export type Recognition =
  /** By a field that Salesforce keeps unique: a repeat is refused there. */
  | 'unique'
  /** By a field that can be searched; two writers at one moment are not told apart. */
  | 'field'
  /** By subject and time; two writers at one moment, and edits of the subject, are not told apart. */
  | 'subject';

export function recognitionOf({ fields }: ObjectDescription, keyField: string): Recognition {
  const key = fields.get(keyField.toLowerCase());
  if (key?.createable !== true || !key.filterable) return 'subject';
  return key.unique ? 'unique' : 'field';
}
