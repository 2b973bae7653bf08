import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

/** A file, its text, and whether the rule may speak up. */
type Case = readonly [file: string, text: string, verdict: 'refused' | 'allowed'];

const imports: readonly Case[] = [
  ['events/a.ts', `import { z } from 'zod'; export const a = z;`, 'allowed'],
  ['events/kinds/b.ts', `import { a } from '../a'; export const b = a;`, 'allowed'],
  ['events/c.ts', `import { Pool } from 'pg'; export const c = Pool;`, 'refused'],
  ['events/d.ts', `import { readFile } from 'node:fs'; export const d = readFile;`, 'refused'],
  ['events/kinds/e.ts', `import type { E } from '../../db/e'; export type F = E;`, 'refused'],
  ['events/kinds/g.ts', `import { readJson } from '../../protocol/read-json'; export const g = readJson;`, 'allowed'],
  ['events/h.ts', `import { A } from '../protocol/constants'; export const h = A;`, 'refused'],
  ['events/f.test.ts', `import { Pool } from 'pg'; export const f = Pool;`, 'allowed'],
  ['client/a.ts', `import { a } from '../events/a'; export const b = a;`, 'allowed'],
  ['client/b.ts', `import { A } from '../protocol/constants'; export const b = A;`, 'allowed'],
  ['client/c.ts', `import type { A } from '../workflows/a'; export type B = A;`, 'refused'],
  ['client/g.ts', `import { setTimeout } from 'node:timers/promises'; export const g = setTimeout;`, 'allowed'],
  ['client/d.ts', `import { a } from '../workflows/a'; export const d = a;`, 'refused'],
  ['client/e.ts', `import type { A } from '../db/a'; export type B = A;`, 'refused'],
  [
    'client/f.ts',
    `import { NativeConnection } from '@temporalio/worker'; export const f = NativeConnection;`,
    'refused',
  ],
  [
    'protocol/a.ts',
    `import { defaultPayloadConverter } from '@temporalio/common'; export const a = defaultPayloadConverter;`,
    'allowed',
  ],
  ['protocol/b.ts', `import type { E } from '../events/e'; export type F = E;`, 'allowed'],
  ['protocol/c.ts', `import { a } from '../events/a'; export const c = a;`, 'refused'],
  ['protocol/d.ts', `import type { A } from '../workflows/a'; export type B = A;`, 'refused'],
  ['protocol/e.ts', `import { parse } from 'lossless-json'; export const e = parse;`, 'refused'],
  ['workflows/i.ts', `import { A } from '../protocol/constants'; export const b = A;`, 'allowed'],
  ['workflows/a.ts', `import { sleep } from '@temporalio/workflow'; export const a = sleep;`, 'allowed'],
  ['workflows/b.ts', `import type { A } from '../activities/a'; export type B = A;`, 'allowed'],
  ['workflows/c.ts', `import { a } from '../activities/a'; export const c = a;`, 'refused'],
  ['workflows/d.ts', `import { a } from '../events/a'; export const d = a;`, 'refused'],
  ['workflows/e.ts', `import { join } from 'node:path'; export const e = join;`, 'refused'],
  ['workflows/f.ts', `import { z } from 'zod'; export const f = z;`, 'refused'],
  ['workflows/g.ts', `import type { A } from '../db/a'; export type B = A;`, 'refused'],
  ['workflows/h.ts', `import { parse } from 'lossless-json'; export const h = parse;`, 'refused'],
  ['activities/a.ts', `import type { A } from '../db/a'; export type B = A;`, 'allowed'],
  ['activities/consumers/x/b.ts', `import { z } from '../../../db/a'; export const b = z;`, 'refused'],
  ['activities/c.ts', `import { Pool } from 'pg'; export const c = Pool;`, 'refused'],
  ['activities/d.ts', `import type { A } from '../workflows/a'; export type B = A;`, 'refused'],
  ['activities/e.ts', `import { Client } from '@temporalio/client'; export const e = Client;`, 'refused'],
  ['activities/consumers/x/f.ts', `import { startFake } from './fake'; export const f = startFake;`, 'refused'],
  [
    'activities/consumers/x/h.ts',
    `import { createStore } from './fake/store'; export const h = createStore;`,
    'refused',
  ],
  ['activities/consumers/x/g.test.ts', `import { startFake } from './fake'; export const g = startFake;`, 'allowed'],
  ['activities/consumers/x/i.ts', `import { a } from '../y/a'; export const i = a;`, 'refused'],
  ['activities/consumers/x/j.ts', `import type { A } from '../y/fake/a'; export type J = A;`, 'refused'],
  ['activities/consumers/x/k.tsx', `import { a } from '../index'; export const k = a;`, 'refused'],
  ['activities/consumers/x/l.ts', `import { a } from '../../http/a'; export const l = a;`, 'allowed'],
  ['activities/consumers/x/m.ts', `import { a } from './sub/a'; export const m = a;`, 'allowed'],
  ['activities/consumers/x/n.ts', `import { Pool } from 'pg'; export const n = Pool;`, 'refused'],
  ['db/a.ts', `import { Pool } from 'pg'; export const a = Pool;`, 'allowed'],
  ['db/domain/b.ts', `import type { E } from '../../events/e'; export type F = E;`, 'allowed'],
  ['db/c.ts', `import { a } from '../events/a'; export const c = a;`, 'refused'],
  ['db/d.ts', `import type { A } from '../activities/a'; export type B = A;`, 'refused'],
  ['db/e.ts', `import { z } from 'zod'; export const e = z;`, 'refused'],
  ['workers/a.ts', `import { a } from '../db/a'; export const b = a;`, 'allowed'],
  ['workers/b.ts', `import { a } from '../scripts/a'; export const b = a;`, 'refused'],
  ['workers/c.ts', `import { a } from '../activities/consumers/x/fake'; export const c = a;`, 'refused'],
  ['workers/d.ts', `import { Client } from 'pg'; export const d = Client;`, 'refused'],
  ['workers/e.ts', `import type { Pool } from 'pg'; export type E = Pool;`, 'allowed'],
  ['ingress/a.ts', `import { a } from '../client/a'; export const b = a;`, 'allowed'],
  ['ingress/b.ts', `import { readConfig } from '../workers/config'; export const b = readConfig;`, 'allowed'],
  ['ingress/c.ts', `import { a } from '../db/a'; export const c = a;`, 'refused'],
  ['ingress/d.ts', `import { a } from '../workers/runtime'; export const d = a;`, 'refused'],
  ['ingress/e.ts', `import { Pool } from 'pg'; export const e = Pool;`, 'refused'],
  ['ingress/f.ts', `import { fastify } from 'fastify'; export const f = fastify;`, 'allowed'],
  ['ops/h.ts', `import { readTokens } from '../ingress/token-file'; export const h = readTokens;`, 'allowed'],
  ['ops/i.ts', `import { a } from '../ingress/config'; export const i = a;`, 'refused'],
  ['stack/c.ts', `import { a } from '../ingress/config'; export const c = a;`, 'refused'],
  ['ops/a.ts', `import { a } from '../workers/config'; export const b = a;`, 'allowed'],
  ['ops/b.ts', `import { a } from '../scripts/a'; export const b = a;`, 'refused'],
  ['ops/c.ts', `import { a } from '../workers/runtime'; export const c = a;`, 'refused'],
  ['ops/d.ts', `import { Pool } from 'pg'; export const d = Pool;`, 'refused'],
  ['ops/e.ts', `import { readStack } from '../stack/stack-file'; export const e = readStack;`, 'allowed'],
  ['ops/f.ts', `import { startStack } from '../stack/start-stack'; export const f = startStack;`, 'refused'],
  ['ops/g.ts', `import { settle } from '../lab/settle'; export const g = settle;`, 'refused'],
  ['stack/a.ts', `import { a } from '../scripts/a'; export const b = a;`, 'refused'],
  ['stack/b.ts', `import { a } from '../db/a'; export const b = a;`, 'allowed'],
  ['scripts/d.ts', `import { settle } from '../lab/settle'; export const d = settle;`, 'refused'],
  ['lab/a.ts', `import { a } from '../stack/a'; export const b = a;`, 'allowed'],
  ['lab/b.ts', `import { Client } from 'pg'; export const b = Client;`, 'refused'],
  ['scripts/a.ts', `import { a } from '../workers/start-worker'; export const b = a;`, 'allowed'],
  ['scripts/b.ts', `import { a } from '../workers/runtime'; export const b = a;`, 'refused'],
  ['scripts/c.ts', `import { Client } from 'pg'; export const c = Client;`, 'refused'],
  ['prisma/a.ts', `import { Client } from 'pg'; export const a = Client;`, 'refused'],
  ['prisma/b.test.ts', `import { Client } from 'pg'; export const b = Client;`, 'allowed'],
];

const others: readonly (readonly [rule: string, file: string, text: string])[] = [
  ...['process', 'Buffer', 'fetch', 'console', 'setImmediate', 'crypto'].map(
    (name) => ['eslint(no-restricted-globals)', `workflows/use-${name}.ts`, `export const used = ${name};`] as const,
  ),
  [
    'typescript(no-floating-promises)',
    'workflows/floating.ts',
    `declare const activities: Record<string, (id: string) => Promise<void>>;
     export function run(): void { activities['email']?.('1'); }`,
  ],
  ['typescript(no-explicit-any)', 'db/any.ts', `export const a: any = 1;`],
  ['typescript(consistent-type-imports)', 'db/value.ts', `import { Pool } from 'pg'; export type A = Pool;`],
  ['import(no-default-export)', 'db/default.ts', `export default 1;`],
  ['import(no-cycle)', 'db/cycle-a.ts', `import { b } from './cycle-b'; export const a = () => b;`],
  ['import(no-cycle)', 'db/cycle-b.ts', `import { a } from './cycle-a'; export const b = () => a;`],
  ['import(no-cycle)', 'db/cycle-c.ts', `import type { D } from './cycle-d'; export type C = D;`],
  ['import(no-cycle)', 'db/cycle-d.ts', `import { type C } from './cycle-c'; export interface D { readonly c: C }`],
  ['eslint(max-lines)', 'db/long.ts', 'export {};\n'.repeat(251)],
  ['eslint(no-console)', 'activities/print.ts', `console.log('x');`],
];

let folder: string;
let found: Map<string, string[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lint-'));
  await cp('.oxlintrc.json', join(folder, '.oxlintrc.json'));
  const compilerOptions = { module: 'node20', target: 'es2022', strict: true, types: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*.ts'] }));
  for (const [file, text] of [...imports, ...others.map(([, file, text]) => [file, text] as const)]) {
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  found = await lint();
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The rules that spoke up, per file. */
async function lint(): Promise<Map<string, string[]>> {
  const oxlint = resolve('node_modules', 'oxlint', 'bin', 'oxlint');
  const path = [resolve('node_modules', '.bin'), process.env['PATH']].join(delimiter);
  // Finding something is exit code 1, so what it printed counts, not how it ended.
  const printed = await new Promise<string>((done) => {
    const options = { cwd: folder, env: { ...process.env, PATH: path }, maxBuffer: 2 ** 26 };
    execFile(process.execPath, [oxlint, '--type-aware', '-f', 'json'], options, (_, stdout) => done(stdout));
  });
  // oxlint's JSON reporter; only the fields that are used here.
  const { diagnostics } = JSON.parse(printed) as { diagnostics: { code: string; filename: string }[] };
  const byFile = new Map<string, string[]>();
  for (const { code, filename } of diagnostics) byFile.set(filename, [...(byFile.get(filename) ?? []), code]);
  return byFile;
}

test.each(imports.map(([file, text, verdict]) => [verdict, text.split(';')[0], file] as const))(
  '%s: `%s` in %s',
  (verdict, _, file) => {
    const refused = found.get(file)?.includes('eslint(no-restricted-imports)') ?? false;
    expect(refused ? 'refused' : 'allowed').toBe(verdict);
  },
);

test.each(others)('%s speaks up in %s', (rule, file) => {
  expect(found.get(file) ?? []).toContain(rule);
});
