import { parseArgs } from 'node:util';

/** An option of a command, and how its text is read; undefined: it was not given. */
interface Option<T> {
  readonly type: 'boolean' | 'string';
  /** @throws Error that names the values of the option */
  read(given: string | undefined): T;
}

type Options = Readonly<Record<string, Option<unknown>>>;
type Values<Table extends Options> = { readonly [Name in keyof Table]: ReturnType<Table[Name]['read']> };

export const flag: Option<boolean> = { type: 'boolean', read: (given) => given !== undefined };

export const text = <T extends string | undefined>(otherwise: T): Option<string | T> => ({
  type: 'string',
  read: (given) => given ?? otherwise,
});

interface Range {
  /** Default 1. */
  readonly least?: number;
  /** Default 999,999,999. */
  readonly most?: number;
  /** Default: whole numbers only. */
  readonly isWhole?: boolean;
}

export const number = <T extends number | undefined>(otherwise: T, range: Range = {}): Option<number | T> => ({
  type: 'string',
  read(given) {
    if (given === undefined) return otherwise;
    const { least = 1, most = 999_999_999, isWhole = true } = range;
    const value = Number(given);
    const isWritten = /^\d+(\.\d+)?$/.test(given) && (Number.isInteger(value) || !isWhole);
    if (isWritten && value >= least && value <= most) return value;
    throw new Error(`takes a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`);
  },
});

/** One of several words, or some of them with commas between. */
export const oneOf = <T extends string>(
  words: readonly T[],
  otherwise: readonly T[] = words,
): Option<readonly T[]> => ({
  type: 'string',
  read(given) {
    if (given === undefined) return otherwise;
    const wanted = given.split(',');
    const unknown = wanted.find((one) => !words.some((word) => word === one));
    if (unknown !== undefined) throw new Error(`does not know "${unknown}"`);
    return words.filter((word) => wanted.includes(word));
  },
});

/**
 * Reads the arguments of a command.
 *
 * @returns undefined where help is asked for
 * @throws Error that names the option and shows the usage
 */
export function readArguments<Table extends Options>(
  args: readonly string[],
  usage: string,
  table: Table,
): Values<Table> | undefined {
  const help = { type: 'boolean', short: 'h' } as const;
  // Each option is there once at most, as a text or a switch.
  const values: Readonly<Record<string, string | boolean | undefined>> = parseArgs({
    args: [...args],
    options: { ...table, help },
  }).values;
  if (values['help'] === true) return undefined;
  const read = Object.entries(table).map(([name, option]) => {
    const given = values[name];
    try {
      return [name, option.read(given === undefined ? undefined : String(given))];
    } catch (error) {
      throw new Error(`--${name} ${error instanceof Error ? error.message : String(error)}.\n\n${usage}`);
    }
  });
  return Object.fromEntries(read) as Values<Table>; // each was read by its option
}

/** Runs a command of package.json. An error is printed, without its stack where it says all, and the exit code is 1. */
export function runCommandLine<Table extends Options>(
  usage: string,
  table: Table,
  run: (values: Values<Table>) => Promise<void>,
): void {
  const start = async (): Promise<void> => {
    const values = readArguments(process.argv.slice(2), usage, table);
    if (values === undefined) console.log(usage);
    else await run(values);
  };
  start().catch((error: unknown) => {
    console.error(error instanceof Error && error.cause === undefined ? error.message : error);
    process.exit(1);
  });
}
