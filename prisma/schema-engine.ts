import { readFileSync } from 'node:fs';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlQuery,
} from '@prisma/driver-adapter-utils';
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import type { Pool } from 'pg';
import { openPool } from '../db/database-client';

const NO_FILTERS = { externalTables: [], externalEnums: [] };

/** Postgres' internal one-byte type "char", which the adapter refuses and the engine needs to read system tables. */
const INTERNAL_CHAR_OID = 18;
const TEXT_OID = 25;

/** Prisma's schema engine, bound to one database. Close it: it holds a connection and Prisma's migration lock. */
export interface BoundSchemaEngine {
  /**
   * Applies what `_prisma_migrations` does not list yet, and returns the names. A migration that failed or was
   * interrupted before is tried again: it ran as one batch, so nothing of it is there.
   */
  applyMigrations(migrations: MigrationList): Promise<string[]>;
  /** The SQL that turns the database's present schema into the one of schema.prisma, or '' if they agree. */
  differenceTo(schema: string): Promise<string>;
  close(): Promise<void>;
}

/** Runs Prisma's schema engine as WebAssembly, so that no binary is downloaded. */
export async function openSchemaEngine(databaseUrl: string, schema: string): Promise<BoundSchemaEngine> {
  const { SchemaEngine } = await loadEngine();
  const pool = openPool({ connectionString: databaseUrl, max: 1 });
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => undefined, bindPool(pool));
  return {
    async applyMigrations(migrationsList) {
      const { failedMigrationNames } = await engine.diagnoseMigrationHistory({
        migrationsList,
        optInToShadowDatabase: false,
        filters: NO_FILTERS,
      });
      for (const migrationName of failedMigrationNames) await engine.markMigrationRolledBack({ migrationName });
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: NO_FILTERS });
      return appliedMigrationNames;
    },
    async differenceTo(target) {
      const files = [{ path: 'schema.prisma', content: target }];
      const { exitCode, stdout } = await engine.diff({
        from: { tag: 'schemaDatasource', files, configDir: '.' },
        to: { tag: 'schemaDatamodel', files },
        script: true,
        exitCode: true,
        filters: NO_FILTERS,
      });
      return exitCode === 0 ? '' : (stdout ?? '');
    },
    async close() {
      await pool.end();
    },
  };
}

/** The part of Node's global that is used here; @types/node leaves it to the browser's declarations. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
};

interface WasmBindings {
  readonly SchemaEngine: typeof SchemaEngine;
  __wbg_set_wasm(exports: Record<string, unknown>): void;
}

let loading: Promise<WasmBindings> | undefined;

function loadEngine(): Promise<WasmBindings> {
  loading ??= (async () => {
    // The bindings export more than their declarations say.
    const bindings = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as unknown as WasmBindings;
    const file = require.resolve('@prisma/schema-engine-wasm').replace(/schema_engine\.js$/, 'schema_engine_bg.wasm');
    Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: throwPanic } });
    const module = new WebAssembly.Module(readFileSync(file));
    const { exports } = new WebAssembly.Instance(module, {
      './schema_engine_bg.js': { ...bindings, ...patientTimers(bindings) },
    });
    bindings.__wbg_set_wasm(exports);
    const start = exports['__wbindgen_start'];
    if (typeof start === 'function') start();
    return bindings;
  })();
  return loading;
}

/** The engine guards its lock with a timer of ten seconds that it never clears; that must not keep a process from ending. */
function patientTimers(bindings: object): Record<string, (callback: () => void, milliseconds: number) => unknown> {
  const names = Object.keys(bindings).filter((name) => name.startsWith('__wbg_setTimeout'));
  const start = (callback: () => void, milliseconds: number) => setTimeout(callback, milliseconds).unref();
  return Object.fromEntries(names.map((name) => [name, start]));
}

function throwPanic(message: string): never {
  throw new Error(`Prisma's schema engine stopped: ${message}`);
}

/**
 * `@prisma/adapter-pg` with two corrections: it reads "char" columns, which the engine asks for when it describes a
 * database; and a migration runs as one statement batch, so that all of it holds or nothing (the adapter would cut the
 * script at every semicolon, even inside a comment).
 */
function bindPool(pool: Pool): object {
  const charColumns = new WeakMap<object, number[]>();
  const query = pool.query.bind(pool) as (...values: unknown[]) => Promise<{ fields?: Field[]; rows?: object }>;
  const readingChars = async (...values: unknown[]) => {
    const result = await query(...values);
    const fields = result.fields ?? [];
    const found = fields.flatMap((field, column) => (field.dataTypeID === INTERNAL_CHAR_OID ? [column] : []));
    for (const column of found) (fields[column] as Field).dataTypeID = TEXT_OID;
    if (result.rows) charColumns.set(result.rows, found);
    return result;
  };
  Object.assign(pool, { query: readingChars });

  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  const correct = (adapter: SqlDriverAdapter) => {
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (sql: SqlQuery) => {
      const result = await queryRaw(sql);
      for (const column of charColumns.get(result.rows) ?? []) result.columnTypes[column] = ColumnTypeEnum.Character;
      return result;
    };
    const executeScript = async (script: string) => {
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
    };
    return Object.assign(adapter, { executeScript });
  };
  return bindMigrationAwareSqlAdapterFactory(Object.assign(factory, { connect: async () => correct(await connect()) }));
}

interface Field {
  dataTypeID: number;
}
