import { readFileSync } from 'node:fs';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlQuery,
} from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import type { Pool } from 'pg';
import { openPool } from '../db/database-client';

/** Postgres' internal one-byte type "char", which the adapter refuses and the engine needs to read system tables. */
const INTERNAL_CHAR_OID = 18;
const TEXT_OID = 25;

/** Runs `work` with Prisma's schema engine, bound to one database. It is WebAssembly: no binary is downloaded. */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  schema: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const { SchemaEngine } = await openEngine();
  const pool = openPool({ connectionString: databaseUrl, max: 1 });
  try {
    const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => undefined, bindPool(pool));
    return await work(engine);
  } finally {
    await pool.end();
  }
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

let loaded: Promise<WasmBindings> | undefined;

/** Once: the bindings serve one instance. */
function openEngine(): Promise<WasmBindings> {
  return (loaded ??= loadEngine());
}

async function loadEngine(): Promise<WasmBindings> {
  // The bindings export more than their declarations say.
  const bindings = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as unknown as WasmBindings;
  const file = require.resolve('@prisma/schema-engine-wasm').replace(/schema_engine\.js$/, 'schema_engine_bg.wasm');
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: throwPanic } });
  const module = new WebAssembly.Module(readFileSync(file));
  const { exports } = new WebAssembly.Instance(module, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(exports);
  const start = exports['__wbindgen_start'];
  if (typeof start === 'function') start();
  return bindings;
}

function throwPanic(message: string): never {
  throw new Error(`Prisma's schema engine stopped: ${message}`);
}

/** `@prisma/adapter-pg` that reads "char" columns, which the engine asks for when it describes a database. */
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
    return adapter;
  };
  return bindMigrationAwareSqlAdapterFactory(Object.assign(factory, { connect: async () => correct(await connect()) }));
}

interface Field {
  dataTypeID: number;
}
