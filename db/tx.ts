import type { Pool, QueryResultRow } from 'pg';

/** What a statement needs: a pool (each statement on its own) or a transaction. */
export interface Tx {
  query<R extends QueryResultRow = QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: R[]; rowCount: number | null }>;
}

/** A Tx of a worker, with what its statements have to know of the configuration. */
export interface Session extends Tx {
  /** Seconds after which the sweep looks at a pending delivery that is due. */
  readonly overdueAfterSeconds: number;
}

/**
 * Thrown when the database could not be asked or did not answer: no connection, a broken one, a time-out of ours.
 * What the database itself answered with a SQLSTATE is passed on as it is.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

const names = new Map<string, string>();

/** Statements with values are texts of ours, few of them: each connection parses and plans one when it first meets it. */
function prepared(text: string, values: readonly unknown[] | undefined) {
  if (values === undefined) return { text };
  const name = names.get(text) ?? `s${names.size + 1}`;
  names.set(text, name);
  return { name, text, values: [...values] };
}

/** Each statement by itself, on any connection of the pool. */
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
    client.release(broken); // a broken connection is closed, not handed out again
  }
}

/** Runs `work` behind a savepoint: when it throws, what it wrote is undone, and the transaction goes on. */
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

/** Everything that a query throws without a SQLSTATE comes from the connection, but for mistakes in our own parameters. */
function rethrow(error: unknown): never {
  const { name, code, severity, message } = error as Partial<Error> & { code?: string; severity?: string };
  if (severity !== undefined || name === 'TypeError' || name === 'RangeError') throw error;
  throw new DatabaseUnavailable(`The database did not answer (${code ?? message}).`, { cause: error });
}
