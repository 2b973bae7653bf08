/** Thrown when a command cannot be done; the message says what to do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** How an operator calls this program here; the wrapper of production hosts says its own name. */
export const commandName = (): string => process.env['OPS_COMMAND'] || 'npm run ops --';

/** The same of `migrate` and `seed`, which the wrapper knows, too. */
export const besideOps = (name: 'migrate' | 'seed'): string =>
  process.env['OPS_COMMAND'] ? `${process.env['OPS_COMMAND']} ${name}` : `npm run ${name}`;

export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string | number | null;
}

/** Rows for people, in columns as wide as their longest value; numbers stand at the right. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = columns.map(({ title, of }) => {
    const values = rows.map(of);
    const texts = [title, ...values.map((value) => String(value ?? ''))];
    const width = Math.max(...texts.map(({ length }) => length));
    const isNumber = values.some((value) => typeof value === 'number');
    return texts.map((text) => (isNumber ? text.padStart(width) : text.padEnd(width)));
  });
  const lines = [undefined, ...rows].map((_, line) =>
    cells
      .map((column) => column[line])
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}

/** Prints a list as JSON, or as a table, or says that it is empty. */
export function printList<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  { json, empty }: { readonly json: boolean | undefined; readonly empty: string },
): void {
  if (json) print(JSON.stringify(rows, undefined, 2));
  else print(rows.length === 0 ? empty : table(rows, columns));
}

export interface JsonOption {
  readonly json?: boolean;
}

/** Prints the result of a command: in words, or as JSON for a program. */
export function printDone(text: string, value: object, { json }: JsonOption): void {
  print(json ? JSON.stringify(value) : text);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
