import { z } from 'zod';
import { trimBlanks } from './blanks';
import { nullable, type Nullable } from './kind';
import { integerText } from './whole-numbers';

type Choice<N extends string> = z.ZodUnion<[z.ZodEnum<{ [K in N]: K }>, z.ZodTemplateLiteral<`unknown(${string})`>]>;

/**
 * One of the seed's numbered choices, by name inside. The wire may have the number, the number as text, or the name
 * in any case. A number or name that is not listed is kept as `unknown(...)`, never refused: servers grow choices.
 * @param names number -> internal name
 * @param spellings further names that a sender may use -> internal name
 */
export function choice<const N extends string>(
  names: Readonly<Record<number, N>>,
  spellings: Readonly<Record<string, NoInfer<N>>> = {},
): Nullable<Choice<N>> {
  const entries = Object.entries(names);
  const byNumber = new Map(entries);
  const bySpelling = new Map(
    [...entries.map(([, name]) => [name, name] as const), ...Object.entries(spellings)].map(([spelling, name]) => [
      plain(spelling),
      name,
    ]),
  );
  const values = entries.map(([, name]) => name) as unknown as [N, ...N[]];
  return nullable<Choice<N>>({
    wire: {
      numbers: entries.map(([number]) => Number(number)),
      names: [...values, ...Object.keys(spellings)],
    },
    label: `one of ${entries.map(([number, name]) => `${number} ${name}`).join(', ')}`,
    // Choice is the enum of the listed names; zod types the array form more loosely.
    schema: z.union([z.enum(values), z.templateLiteral(['unknown(', z.string(), ')'])]) as unknown as Choice<N>,
    expected: 'expected a choice by number or name',
    read(value, reading) {
      const number = integerText(value);
      if (number !== undefined) return byNumber.get(number) ?? `unknown(${number})`;
      if (typeof value !== 'string') return undefined;
      const name = reading.clean(trimBlanks(value));
      return name === '' ? null : (bySpelling.get(plain(name)) ?? `unknown(${name})`);
    },
  });
}

function plain(name: string): string {
  return name.replace(/[\s_-]/g, '').toLowerCase();
}
