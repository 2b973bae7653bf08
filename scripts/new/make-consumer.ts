import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { consumerNames } from '../../activities/consumers';
import { insertAfter } from './insert';
import { fillTemplate, root, type Placing } from './templates';

export type ConsumerKind = 'service' | 'connection' | 'in-database';

/** The files that a command writes: new ones, and changes of files that are there, by path from the root. */
export interface Making {
  readonly files: ReadonlyMap<string, string>;
  readonly changes: ReadonlyMap<string, (text: string, path: string) => string>;
  /** For the author. */
  readonly next: readonly string[];
}

/** Names of activities that are no consumers, beginnings of a worker's variables, and words that no constant may have as its name. */
const TAKEN = new Set(
  'prune sweep database payload secrets temporal worker await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in index instanceof interface let new null package private protected public registry relations return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
);

/** @returns why there can be no such consumer; undefined: there can */
export function refuseConsumer(name: string): string | undefined {
  if (consumerNames.some((one) => one === name)) return `There is a consumer ${name} already.`;
  if (!/^[a-z][a-z0-9]{1,30}$/.test(name))
    return 'A consumer is named by 2 to 31 small letters and digits, such as "slack": its name is an activity type and never changes.';
  return TAKEN.has(name) ? `"${name}" cannot be the name of a consumer; choose another.` : undefined;
}

/** The files of a consumer that passes its contract. */
export async function makeConsumer(name: string, kind: ConsumerKind): Promise<Making> {
  const own = `activities/consumers/${name}`;
  const Name = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const placings: Placing[] = [
    [`${kind}/definition.ts`, `${own}/definition.ts`],
    [`${kind}/notice.ts`, `${own}/${name}.ts`],
    [`${kind}/notice-contract.test.ts`, `${own}/${name}-contract.test.ts`],
    ...(kind === 'in-database' ? inDatabase(name) : ([['http/fake.ts', `${own}/fake.ts`]] as const)),
  ];
  const renames = [
    ['NOTICE', name.toUpperCase()],
    ['Notice', Name],
    ['notice', name],
  ] as const;
  const made = await fillTemplate([...placings, ['in-database/model.prisma.txt', MODEL]], renames);
  const model = made.get(MODEL) ?? '';
  made.delete(MODEL);
  return {
    files: made,
    changes: new Map([
      [
        'activities/consumers/registry.ts',
        (text) => addExport(text, `export { ${name} } from './${name}/definition';`),
      ],
      ...(kind === 'in-database' ? storing(name, Name, model) : []),
    ]),
    next: [
      `npx jest ${own} tests/consumer-contract.test.ts   (it passes as it is)`,
      `${own}/${name}.ts: ${kind === 'in-database' ? 'the rows that it keeps' : 'its request, and the failure of each answer'}`,
      ...(kind === 'in-database'
        ? [`db/save-${name}.ts, prisma/schema.prisma: its table; npm run migrate -- --diff NAME writes later changes`]
        : [`${own}/fake.ts: the destination's answers; ${own}/${name}-contract.test.ts: the failure of each fault`]),
      'npm run check',
      ...(kind === 'connection'
        ? [`npm run ops -- connections add ${name} --site 10001 --name first --set url=...`]
        : []),
      `npm run ops -- subscriptions add Chat.Ended.${Name} --event-type Chat.Ended --consumer ${name}`,
    ],
  };
}

const MODEL = 'prisma/model';

const inDatabase = (name: string): Placing[] => [
  ['in-database/save-notice.ts', `db/save-${name}.ts`],
  ['in-database/migration.sql', `prisma/migrations/${nextMigration()}_${name}_entry/migration.sql`],
];

const storing = (name: string, Name: string, model: string): [string, (text: string, path: string) => string][] => [
  [
    'db/effects.ts',
    (text, path) =>
      insertAfter(
        insertAfter(text, /^import .*\n/gm, `import { save${Name} } from './save-${name}';\n`, path),
        /effects = \{[^}]*?(?=,?\s*\})/g,
        `, save${Name}`,
        path,
      ),
  ],
  ['prisma/schema.prisma', (text) => `${text.trimEnd()}\n\n${model}`],
  [
    'db/erased-tables.ts',
    (text, path) =>
      insertAfter(
        insertAfter(text, /^ {2}byKey\('\w+', 'event_key'\),\n/gm, `  byKey('${name}_entry', 'event_key'),\n`, path),
        /TABLES_OF_SITE = \[[^\]]*(?=\])/g,
        `  '${name}_entry',\n`,
        path,
      ),
  ],
];

/** The exports in order of name. */
function addExport(text: string, line: string): string {
  const lines = text.trimEnd().split('\n');
  const exports = [...lines.filter((one) => one.startsWith('export ')), line].sort();
  return [...lines.filter((one) => !one.startsWith('export ')), ...exports, ''].join('\n');
}

/** The time of now as migrations have it, or the second after the last one. */
function nextMigration(): string {
  const names = readdirSync(join(root, 'prisma/migrations')).filter((name) => /^\d{14}_/.test(name));
  const last = names.sort().at(-1)?.slice(0, 14) ?? '';
  const now = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return now > last ? now : String(Number(last) + 1);
}
