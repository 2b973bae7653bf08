import fc from 'fast-check';
import { makeObjects } from './fake/objects';
import { defaultOrg } from './fake/org';
import { runQuery } from './fake/run-query';
import { createStore } from './fake/store';
import { isName, quote, select } from './soql';

/** What Salesforce reads: the text of a quoted string; undefined when it ends early or holds what must be escaped. */
function read(literal: string): string | undefined {
  const inside = /^'((?:[^'\\\n\r]|\\[\\'"nrtbf])*)'$/s.exec(literal)?.[1];
  const meanings: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
  return inside?.replace(/\\(.)/gs, (_, character: string) => meanings[character] ?? character);
}

it('quotes any text so that Salesforce reads that text and nothing after it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(read(quote(text))).toBe(text);
    }),
  );
});

it.each([`x\\' OR Name LIKE '%`, `'`, `\\`, `\\\\'`, `a\nb`, `' OR '1'='1`, `\\'; DELETE`])(
  'keeps %j inside its quotes',
  (text) => {
    expect(read(quote(text))).toBe(text);
  },
);

it('selects by names only', () => {
  const good = {
    fields: ['Id', 'Phone', 'Id'],
    from: 'Contact',
    where: ["Email='a'"],
    orderBy: 'CreatedDate',
    limit: 2,
  };
  expect(select(good)).toBe("SELECT Id,Phone FROM Contact WHERE Email='a' ORDER BY CreatedDate LIMIT 2");
  for (const name of ['Id FROM User--', '', '1a', 'a.b', 'a b', 'a,b', 'ä']) {
    expect(isName(name)).toBe(false);
    expect(() => select({ ...good, fields: [name] })).toThrow('no name');
    expect(() => select({ ...good, from: name })).toThrow('no name');
  }
});

it('finds every record with a text that is looked for, and no other', () => {
  const org = defaultOrg();
  const store = createStore(makeObjects({}), org);
  for (const Email of ['ann@example.com', '%', "'", null]) store.add('Contact', { LastName: 'Other', Email });
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom("'", '\\', '"', '%', '_', '\n', ' ', '=', '(', ')', ' OR ', ' LIKE ', 'x') }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      fc.pre(text.trim() !== '' && !['%', "'"].includes(text));
      const stored = store.add('Contact', { LastName: 'Wanted', Email: text });
      const soql = select({
        fields: ['Id'],
        from: 'Contact',
        where: [`Email=${quote(text)}`],
        orderBy: 'CreatedDate',
        limit: 9,
      });
      expect(runQuery(store, org, soql, '')).toMatchObject([{ Id: stored.id }]);
      store.remove(stored);
    }),
  );
});
