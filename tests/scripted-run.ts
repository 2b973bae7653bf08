import { runWorker, type Running, type RunningOptions } from './running-worker';
import { EFFECT_TABLE, scriptedConsumers, type ScriptedConsumers } from './scripted-consumers';

export interface ScriptedRun extends Running {
  readonly scripted: ScriptedConsumers;
  /** How often the event of this id has had its effect. */
  effects(id: string): Promise<number | null>;
  isOpen(workflowId: string): Promise<boolean>;
  /** The search attribute. */
  parkedQueues(workflowId: string): Promise<unknown>;
  /** From now on events whose id begins with "poison" are refused by the database. */
  poison(): Promise<unknown>;
  repair(): Promise<unknown>;
}

/** A worker with scripted consumers and three data queues; site 1 has no webhook, site 2 has two endpoints. */
export async function runScripted(environment: RunningOptions['environment'] = {}): Promise<ScriptedRun> {
  const scripted = scriptedConsumers();
  const running = await runWorker({ consumers: scripted.consumers, environment });
  const { pool, client } = running;
  await pool.query(EFFECT_TABLE);
  await pool.query(`insert into subscription (data_queue, event_type, consumer) values
    ('Agent.Ban', 'Agent.Ban', 'persistence'), ('Agent.Ban.Webhook', 'Agent.Ban', 'webhook'),
    ('Visit.Log', 'Visit.Log', 'persistence')`);
  await pool.query(`insert into connection (id, site_id, consumer, name, config, event_types)
    select ('00000000-0000-0000-0000-00000000000' || n)::uuid, '2', 'webhook', 'endpoint ' || n, '{}', '{}'
    from generate_series(1, 2) n`);
  return {
    ...running,
    scripted,
    effects: async (id) => (await pool.query('select from effect where event_id = $1', [id])).rowCount,
    isOpen: async (workflowId) => (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING',
    parkedQueues: async (workflowId) => {
      const { typedSearchAttributes } = await client.workflow.getHandle(workflowId).describe();
      return typedSearchAttributes.getAll().find(({ key }) => key.name === 'ParkedQueues')?.value;
    },
    poison: () =>
      pool.query("alter table effect add constraint effect_not_poisoned check (event_id not like 'poison%') not valid"),
    repair: () => pool.query('alter table effect drop constraint if exists effect_not_poisoned'),
  };
}

let count = 0;
export const newId = (name: string): string => `${name}-${++count}`;
export const ban = (id: string, site = 1) => ({
  type: 'Agent.Ban',
  id,
  data: { SiteId: site, AgentId: 5, BanType: 0, IpFromOrVisitorId: 9 },
});
export const keyOf = (id: string, site = 1): string => `Agent.Ban/${site}/${id}`;
