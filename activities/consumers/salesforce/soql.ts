const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/**
 * A text as a SOQL string, with its quotes. jsforce leaves backslashes as they are, so that a text could end its own quotes.
 * Source: SOQL reserved characters, developer.salesforce.com.
 */
export const quote = (text: string): string =>
  `'${text.replace(/[\\'\n\r\t\b\f]/g, (character) => ESCAPES[character] ?? '')}'`;

const NAME = /^[A-Za-z]\w{0,79}$/;

/** True for a text that may stand in SOQL as the name of an object or a field. */
export const isName = (text: string): boolean => NAME.test(text);

interface Select {
  readonly fields: readonly string[];
  readonly from: string;
  /** Conditions that all hold, with their values quoted. */
  readonly where: readonly string[];
  readonly orderBy: string;
  readonly limit: number;
}

/** @throws Error for a name that is none: names come from describe */
export function select({ fields, from, where, orderBy, limit }: Select): string {
  const bad = [...fields, from].find((name) => !isName(name));
  if (bad !== undefined) throw new Error('That is no name of a field or object.');
  const columns = [...new Set(fields)].join(',');
  return `SELECT ${columns} FROM ${from} WHERE ${where.join(' AND ')} ORDER BY ${orderBy} LIMIT ${limit}`;
}
