import fc from 'fast-check';
import { catalogue } from './catalogue';
import type { EventDefinition } from './define-event';
import { isNamed } from './kinds/field';
import type { Field, Fields, Kind } from './kinds/kind';
import { readEvent } from './read-event';

const fallback = { id: 'given-by-the-workflow', receivedAt: '2026-03-02T09:00:00.000Z' };
const definitions: EventDefinition[] = Object.values(catalogue);

const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '\0',
    'a\0b',
    '\ud800',
    '\udc00x',
    '',
    ' ',
    '\u2028',
    '__proto__',
    '💬',
    'unknown(3)',
    '0',
    '-0',
    '1e400',
  ),
);
const blanks = fc.string({
  unit: fc.constantFrom(' ', '\n', '\u00a0', '\u200b', '\u200e', '\ufeff', '\u00ad'),
  maxLength: 3,
});
const integers = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
);

/** What a sender may put where a kind is expected, by the kind's label. */
const plausible: [RegExp, fc.Arbitrary<unknown>][] = [
  [/^site id/, fc.constantFrom(7, '7', '007', 7n)],
  [
    /^id/,
    fc.oneof(
      integers,
      fc.uuid(),
      fc.uuid().map((guid) => `{${guid.toUpperCase()}}`),
      hostileText.filter((text) => text.length < 200),
    ),
  ],
  [
    /^text/,
    fc.oneof(
      hostileText,
      fc.tuple(blanks, hostileText, blanks).map((parts) => parts.join('')),
      fc.integer(),
      fc.boolean(),
    ),
  ],
  [
    /^whole number/,
    fc.integer({ min: -5, max: 2 ** 31 - 1 }).chain((number) => fc.constantFrom(number, `${number}`, '')),
  ],
  [
    /^number/,
    fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('NaN', '1.5', '-Infinity', '2e3')),
  ],
  [
    /^decimal/,
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.constantFrom('10.50', '-0.00', '1e-7', '007.100'),
    ),
  ],
  [/^true or false/, fc.constantFrom(true, false, 0, 1, 'True', 'false', 'on', 'N', ' ', '')],
  [
    /^time/,
    fc.oneof(
      fc
        .date({ min: new Date(-62e12), max: new Date(253402300799999), noInvalidDate: true })
        .map((date) => date.toISOString()),
      fc.constantFrom(
        '0001-01-01T00:00:00',
        '2026-03-02T09:15:04.1234567+08:00',
        '2026-03-02',
        '/Date(1772442904000+0100)/',
        '9999-12-31T23:59:59.9999999-08:00',
      ),
    ),
  ],
  [
    /^one of/,
    fc.oneof(
      fc.integer({ min: -2, max: 12 }),
      fc.constantFrom('0', 'facebook', 'Facebook', 'Other', '', '\0'),
      integers,
    ),
  ],
  [
    /^bytes/,
    fc.oneof(
      fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      fc.constant('SGk'),
      fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 9 }),
    ),
  ],
];

function randomCase(name: string): fc.Arbitrary<string> {
  return fc.oneof(fc.constant(name), fc.mixedCase(fc.constant(name)));
}

function valueOf(kind: Kind, scalar: (label: string) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  if (kind.element) return fc.array(fc.option(valueOf(kind.element, scalar)), { maxLength: 3 });
  return kind.fields ? objectOf(kind.fields, scalar) : scalar(kind.label);
}

function keysOf(field: Field, scalar: (label: string) => fc.Arbitrary<unknown>): fc.Arbitrary<[string, unknown][]> {
  if (!isNamed(field))
    return fc.tuple(...Object.values(field.kind.fields).map((inner) => keysOf(inner, scalar))).map((all) => all.flat());
  const entry = fc
    .constantFrom(...field.names)
    .chain((name) => fc.tuple(randomCase(name), fc.option(valueOf(field.kind, scalar), { freq: 8 })));
  const always = field.kind.label.includes('required');
  // Now and then several spellings at once.
  return fc.array(entry, { minLength: always ? 1 : 0, maxLength: 2 });
}

function objectOf(
  fields: Fields,
  scalar: (label: string) => fc.Arbitrary<unknown>,
): fc.Arbitrary<Record<string, unknown>> {
  const known = fc.tuple(...Object.values(fields).map((field) => keysOf(field, scalar))).map((all) => all.flat());
  const unknown = fc.array(fc.tuple(hostileText, fc.oneof(fc.jsonValue({ maxDepth: 2 }), hostileText, fc.bigInt())), {
    maxLength: 2,
  });
  return fc.tuple(known, unknown).map(([a, b]) => Object.fromEntries([...b, ...a]));
}

const sensible = (label: string): fc.Arbitrary<unknown> => {
  const found = plausible.find(([pattern]) => pattern.test(label));
  if (!found) throw new Error(`What may be sent for a kind called "${label}"?`);
  return found[1];
};
const anything = () =>
  fc.anything({
    withBigInt: true,
    withDate: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
    withMap: true,
    maxDepth: 2,
  });

describe.each(definitions.map((definition) => [definition.type, definition] as const))(
  '%s',
  (type, { fields, data: schema, naturalId }) => {
    it('is read, fits its schema, and is plain JSON', () => {
      let read = 0;
      fc.assert(
        fc.property(objectOf(fields, sensible), (data) => {
          const input = { type, siteId: 7, id: naturalId ? 'given' : undefined, data };
          const first = readEvent(input, fallback);
          if (!first.ok) {
            // Keys and ids that happen to be unusable; everything else that is plausible is accepted.
            expect(first.problems.filter(({ problem }) => !/is required|IP address/.test(problem))).toEqual([]);
            return;
          }
          read++;
          expect(schema.safeParse(first.event.data)).toEqual({ success: true, data: first.event.data });
          expect(JSON.stringify(first.event)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
          expect(JSON.parse(JSON.stringify(first.event))).toEqual(first.event);
        }),
        { numRuns: 60 },
      );
      expect(read).toBeGreaterThan(10);
    });

    it('is read the same with its keys in any order', () => {
      fc.assert(
        fc.property(objectOf(fields, sensible), (data) => {
          const one = readEvent({ type, siteId: 7, data }, fallback);
          // Two keys that became one by it: the later counts.
          if (one.ok && one.replaced > 0) return;
          const other = readEvent(
            { type, siteId: 7, data: Object.fromEntries(Object.entries(data).reverse()) },
            fallback,
          );
          expect(other.ok && other.hash).toBe(one.ok && one.hash);
        }),
        { numRuns: 30 },
      );
    });

    it('takes anything where its fields are without a crash, and what it accepts fits its schema', () => {
      fc.assert(
        fc.property(fc.oneof(objectOf(fields, anything), anything()), (data) => {
          const outcome = readEvent({ type, siteId: 7, id: 'x', data }, fallback);
          if (outcome.ok) expect(schema.safeParse(outcome.event.data).error).toBeUndefined();
          else
            expect(outcome.problems.map(({ problem }) => problem)).not.toContain('cannot be read: expected plain JSON');
        }),
        { numRuns: 60 },
      );
    });
  },
);

it('any input at all gives an event or problems, never a crash', () => {
  const type = fc.oneof(fc.constantFrom(...definitions.map((definition) => definition.type)), anything());
  const envelope = fc.record({ type, id: anything(), siteId: anything(), receivedAt: anything(), data: anything() });
  fc.assert(
    fc.property(fc.oneof(envelope, anything()), (input) => {
      const outcome = readEvent(input, fallback);
      if (!outcome.ok) expect(outcome.problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});
