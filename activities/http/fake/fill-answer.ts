import type { FakeAnswer } from '../fake';

/** Where something is said of a vendor, and on which day that was last looked up. */
export interface Sourced {
  /** Address of a document, a public fixture or a recording; an assumption of ours says so. */
  readonly source: string;
  /** A day, such as 2026-11-30; none: it was not compared with its source. */
  readonly checked?: string;
}

/** A part of an answer as a vendor sends it. `{name}` in it is a place for a value. */
export interface Shape extends Sourced {
  readonly body?: unknown;
}

/** An answer as a vendor sends it. */
export interface AnswerShape extends Shape {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

type Values = Readonly<Record<string, unknown>>;

/** @param values by the names of the places; a text that is nothing but a place becomes the value itself */
export function fillShape({ body }: Shape, values: Values = {}): unknown {
  const used = new Set<string>();
  const valueOf = (name: string): unknown => {
    if (!Object.hasOwn(values, name)) throw new Error(`There is no value for the place {${name}}.`);
    used.add(name);
    return values[name];
  };
  const fill = (part: unknown): unknown => {
    if (typeof part === 'string') {
      const [, whole] = /^\{(\w+)\}$/.exec(part) ?? [];
      return whole === undefined
        ? part.replace(/\{(\w+)\}/g, (_, name: string) => String(valueOf(name)))
        : valueOf(whole);
    }
    if (Array.isArray(part)) return part.map(fill);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, fill(one)]));
  };
  const filled = fill(body);
  const left = Object.keys(values).filter((name) => !used.has(name));
  if (left.length > 0) throw new Error(`There is no place for ${left.join(', ')}.`);
  return filled;
}

export function fillAnswer(shape: AnswerShape, values: Values = {}): FakeAnswer {
  const { status, headers } = shape;
  const filled = fillShape(shape, values);
  return {
    status,
    ...(headers !== undefined && { headers }),
    ...(filled !== undefined && { body: typeof filled === 'string' ? filled : JSON.stringify(filled) }),
  };
}
