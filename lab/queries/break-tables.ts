import type { Tx } from '../../db/tx';

/**
 * Makes two tables refuse rows, as a database in trouble would: `conversion` with SQLSTATE 55000 (passes by itself)
 * for the next so many tries, `agent_ban` with 23514 (the data itself is refused) until `mendTables`.
 */
export async function breakTables(tx: Tx, conversionTries: number): Promise<void> {
  await tx.query(BREAK);
  await tx.query(`select setval('demo_conversion_tries', $1, true)`, [conversionTries + 1]);
}

/** Lets `agent_ban` take rows again. */
export async function mendTables(tx: Tx): Promise<void> {
  await tx.query('drop trigger demo_refuse on agent_ban');
}

/** As `ops connections mend` does without changing anything. */
export async function mendConnections(tx: Tx): Promise<void> {
  await tx.query(`update connection set state = 'ok', broken_reason = null, broken_since = null, version = version + 1
                  where id in (select id from connection where state = 'broken' order by id for update)`);
}

// A sequence counts down, because it keeps its value when the transaction that moved it is rolled back.
const BREAK = `
create sequence demo_conversion_tries increment by -1 minvalue -1000000 maxvalue 1000000;

create function demo_not_now() returns trigger language plpgsql as $$
begin
  if (select last_value from demo_conversion_tries) > 1 then
    perform nextval('demo_conversion_tries');
    raise exception 'demo: the table is not available now' using errcode = '55000', table = 'conversion';
  end if;
  return new;
end $$;
create trigger demo_refuse before insert on conversion for each row execute function demo_not_now();

create function demo_never() returns trigger language plpgsql as $$
begin
  raise exception 'demo: nothing goes in' using errcode = '23514', table = 'agent_ban', constraint = 'demo_refuse';
end $$;
create trigger demo_refuse before insert on agent_ban for each row execute function demo_never()`;
