import type { Pool, QueryResultRow } from 'pg';

/** Runs statements: on a pool each by itself, or in a transaction. */
export interface Tx {
  query<R extends QueryResultRow = QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: R[]; rowCount: number | null }>;
}

/** A Tx with the settings that statements need. */
export interface Session extends Tx {
  /** Seconds after which the sweep looks at a pending delivery that is due. */
  readonly overdueAfterSeconds: number;
}

/**
 * Thrown when the database could not be asked or did not answer: no connection, a broken one, a time-out of this process.
 * An error that the database answers with a SQLSTATE is thrown as it is.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

const names = new Map<string, string>();

/** Statements with values have few different texts: each connection parses and plans a text when it first runs it. */
function prepared(text: string, values: readonly unknown[] | undefined) {
  if (values === undefined) return { text };
  const name = names.get(text) ?? `s${names.size + 1}`;
  names.set(text, name);
  return { name, text, values: [...values] };
}

/** Runs each statement by itself, on any connection of the pool. */
export function onPool(pool: Pool): Tx {
  return { query: (text, values) => pool.query(prepared(text, values)).catch(rethrow) };
}

/** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
export async function inTransaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch(rethrow);
  let broken: Error | undefined;
  const tx: Tx = { query: (text, values) => client.query(prepared(text, values)).catch(rethrow) };
  try {
    await tx.query('begin');
    const result = await work(tx);
    await tx.query('commit');
    return result;
  } catch (error) {
    if (error instanceof DatabaseUnavailable) broken ??= error;
    else await tx.query('rollback').catch((failed: Error) => (broken ??= failed));
    throw error;
  } finally {
    client.release(broken); // a broken connection is closed
  }
}

/** Runs `work` behind a savepoint: when it throws, its writes are undone, and the transaction goes on. */
export async function inSavepoint<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  await tx.query('savepoint one');
  try {
    const result = await work();
    await tx.query('release savepoint one');
    return result;
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) await tx.query('rollback to savepoint one');
    throw error;
  }
}

/** Errors without a SQLSTATE come from the connection, except mistakes in the parameters. */
function rethrow(error: unknown): never {
  const { name, code, severity, message } = error as Partial<Error> & { code?: string; severity?: string };
  if (severity !== undefined || name === 'TypeError' || name === 'RangeError') throw error;
  throw new DatabaseUnavailable(`The database did not answer (${code ?? message}).`, { cause: error });
}
