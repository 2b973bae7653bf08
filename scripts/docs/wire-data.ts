import { catalogue } from '../../events/catalogue';
import type { EventDefinition } from '../../events/define-event';
import { isNamed, namedFields } from '../../events/kinds/field';
import { FALSE, TRUE } from '../../events/kinds/numbers';
import type { Fields, Kind } from '../../events/kinds/kind';

const HEAD = `// Made by "npm run docs" from the catalogue. Do not edit.
// oxlint-disable max-lines -- it is generated

/** Text, or a whole number of any size; 0, blank text and the empty GUID are none. */
type Id = string | number | bigint;
/** A number, or its text. */
type Numeric = number | bigint | \`\${number}\`;
type Word = ${[...TRUE, ...FALSE].map((word) => `'${word}'`).join(' | ')};
/** Or a text that forms send for a check box; blank text is none. */
type Truth = boolean | 0 | 1 | Word | Capitalize<Word> | Uppercase<Word> | '';
/** ISO 8601, UTC where no zone is given. */
type Time = Date | string;
/** The entry in a field. */
type Entry = string | number | boolean;
/** In base64 where it is text. */
type Bytes = string | Uint8Array | readonly number[];
/** By number or name. Further numbers are kept, too. */
type Choice<N extends number, S extends string> = N | (number & {}) | S | \`\${number}\`;
type None = null | undefined;

/** The parts of W that stand beside P may stand in P, and the fields of P with them directly in the data. */
type Arranged<W, P extends keyof W> = W | (Omit<W, P> & { [K in P]: W[P] & Omit<W, P> }) | (W[P] & Omit<W, P>);
`;

const FOOT = `
/** The same where the site need not stand in the data. */
export type SiteOptional<D> = D extends { SiteId: infer S }
  ? Omit<D, 'SiteId'> & { SiteId?: S | None }
  : D extends { Chat: infer C }
    ? Omit<D, 'Chat'> & { Chat: SiteOptional<C> }
    : D;

export type EventType = keyof WireData;
`;

/** events/wire-data.ts: the data that a chat server may give \`publish\`, by the event's type. */
export function wireData(): string {
  const events = Object.values(catalogue).map((event: EventDefinition) => {
    const data = objectType(event.fields);
    return `${comment(event.about)}\n'${event.type}': ${event.arrange ? arranged(event.fields, data) : data};`;
  });
  return `${HEAD}
/** The data of each event as a chat server spells them: names in this case, other ones for the same field beside them. */
export interface WireData {
${events.join('\n')}
}
${FOOT}`;
}

function arranged(fields: Fields, data: string): string {
  const whole = Object.values(fields).find((field) => isNamed(field) && field.kind.isRequired);
  return whole && isNamed(whole) ? `Arranged<${data}, '${whole.names[0]}'>` : data;
}

function objectType(fields: Fields): string {
  const named = namedFields(fields);
  const taken = new Set(named.map(({ names: [name] }) => name));
  const lines = named.flatMap(({ names: [name, ...others], kind, meaning }) => {
    const type = wireType(kind);
    const isOne = kind.isRequired && others.length === 0;
    const property = (one: string, about: string): string =>
      [comment(about), `${one}${isOne ? `: ${type}` : `?: ${type} | None`};`].join(about.length > 50 ? '\n' : ' ');
    const also = others.filter((other) => !taken.has(other));
    also.forEach((other) => taken.add(other));
    return [property(name, described(kind, meaning)), ...also.map((other) => property(other, `As \`${name}\`.`))];
  });
  const choices = named
    .filter(({ kind, names }) => kind.isRequired && names.length > 1)
    .map(({ names, kind }) => ` & (${names.map((name) => `{ ${name}: ${wireType(kind)} }`).join(' | ')})`);
  return `{\n${lines.join('\n')}\n}${choices.join('')}`;
}

function wireType(kind: Kind): string {
  if (kind.element) {
    const element = wireType(kind.element);
    return `readonly (${element})[]${kind.merge ? ` | ${element}` : ''}`;
  }
  if (kind.fields) return objectType(kind.fields);
  const { wire } = kind;
  if (wire === undefined)
    throw new Error(`The kind "${kind.label}" does not name the form of a sender's value (wire).`);
  if (typeof wire === 'string') return wire === 'Text' ? 'string' : wire;
  return `Choice<${wire.numbers.join(' | ')}, ${wire.names.map((name) => `'${name}'`).join(' | ')}>`;
}

const described = (kind: Kind, meaning: string): string =>
  `${meaning}.${typeof kind.wire === 'object' || kind.label.includes('is none') ? ` ${capital(kind.label)}.` : ''}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const comment = (text: string): string => `/** ${text.replaceAll('*/', '* /')} */`;
