export const objectNames = ['Contact', 'Lead', 'Case', 'Task', 'ContentVersion'] as const;
export type ObjectName = (typeof objectNames)[number];

export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'email'
  | 'phone'
  | 'url'
  | 'picklist'
  | 'combobox'
  | 'reference'
  | 'address'
  | 'base64'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'date'
  | 'datetime';

/** A field as describe tells it. */
export interface FakeField {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  readonly length: number;
  readonly nillable: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly defaultedOnCreate: boolean;
  readonly defaultValue: string | number | boolean | null;
  readonly externalId: boolean;
  readonly unique: boolean;
  readonly caseSensitive: boolean;
  readonly filterable: boolean;
  readonly custom: boolean;
  readonly restrictedPicklist: boolean;
  readonly picklistValues: readonly { readonly value: string; readonly label: string; readonly active: boolean }[];
  readonly referenceTo: readonly string[];
}

/** The given properties of a field: the rest follows from its type. null = the user of the API does not see it. */
export type FieldParts = Readonly<Record<string, Partial<FakeField> | null>>;
