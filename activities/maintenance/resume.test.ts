import type { Pool } from 'pg';
import type { Database } from '../../db/database';
import { useDatabase } from '../../tests/database';
import { newEvent } from '../../tests/new-event';
import { resumeBatch } from './resume';
import type { Runs } from './runs';

let pool: Pool;
let db: Database;
useDatabase((opened) => ({ pool, db } = opened), { emptyAfterEach: true });

it.each(['redrive', 'discard'] as const)(
  '%s is not at its end while somebody else holds what is left',
  async (action) => {
    const event = newEvent('held', [{ type: 'Unavailable', message: 'why' }]);
    await db.insertEvents([event], { cluster: 'main', workflowId: 'run' });
    const told: string[] = [];
    const runs: Runs = {
      here: 'main',
      known: ['main'],
      usable: () => ['main'],
      givenUp: async () => [],
      isOpen: async () => true,
      findFailing: async () => [],
      restartIfFailing: async () => undefined,
      wasAskedFor: async () => false,
      refresh: async ({ workflowId }) => void told.push(workflowId),
      continueBatch: async () => {},
      eraseWorkflow: () => Promise.reject(new Error('not to be called')),
      continueEvent: async ({ key }) => void told.push(key),
    };
    const next = () =>
      resumeBatch({ action, limit: 1, before: new Date(Date.now() + 3_600_000).toISOString() }, { db, runs });
    const other = await pool.connect();
    await other.query('begin');
    await other.query('select 1 from delivery for update');
    await expect(next()).rejects.toThrow('it is tried again');
    await other.query('rollback');
    other.release();
    expect([await next(), await next(), told]).toEqual([1, 0, [action === 'redrive' ? event.key : 'run']]);
  },
);
