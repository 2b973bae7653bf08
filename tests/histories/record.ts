import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeliveryFailure } from '../../activities/failures';
import globalSetup from '../global-setup';
import globalTeardown from '../global-teardown';
import { shortenActivity, timedOut } from '../shorten-activity';
import { runWorker, type Running } from '../running-worker';
import { EFFECT_TABLE, scriptedConsumers, type ScriptedConsumers } from '../scripted-consumers';

/**
 * Records the histories that replay.test.ts holds the workflow to: `npx tsx tests/histories/record.ts NAME [SCENARIO...]`. Histories are
 * never recorded anew because a replay fails, only added, under a name that says which version made them.
 */
async function main([version, ...wanted]: readonly string[]): Promise<void> {
  if (version === undefined) throw new Error('Say a name for this version, such as v1.');
  await globalSetup();
  const scripted = scriptedConsumers();
  const running = await runWorker({ consumers: scripted.consumers });
  try {
    await running.pool.query(EFFECT_TABLE);
    await running.pool.query(`insert into subscription (data_queue, event_type, consumer) values
      ('Agent.Ban', 'Agent.Ban', 'persistence'), ('Agent.Ban.Webhook', 'Agent.Ban', 'webhook')`);
    await running.pool.query(`insert into connection (site_id, consumer, name, config, event_types)
      values ('1', 'webhook', 'endpoint', '{}', '{}')`);
    const chosen = Object.entries(scenarios).filter(([name]) => wanted.length === 0 || wanted.includes(name));
    for (const [name, play] of chosen) await save(running, `${version}-${name}`, await play(running, scripted));
  } finally {
    await running.stop();
    await globalTeardown();
  }
}

const ban = (id: string) => ({ type: 'Agent.Ban', id, data: { SiteId: 1, AgentId: 5, BanType: 0, IpFromOrVisitorId: 9 } });

const large = (id: string) => ({ ...ban(id), data: { ...ban(id).data, Comment: 'x'.repeat(70_000) } });

/** Each plays until its runs have ended; the result is the workflow ids to save. */
const scenarios: Record<string, (running: Running, scripted: ScriptedConsumers) => Promise<string[]>> = {
  delivered: async ({ start }) => [await ended(await start(ban('delivered')))],
  retried: async ({ start }, { faults }) => {
    faults.set('retried', [new DeliveryFailure('Unavailable', 'down'), new DeliveryFailure('Unavailable', 'down'), new DeliveryFailure('Unavailable', 'down')]);
    return [await ended(await start(ban('retried')))];
  },
  'parked-and-redriven': async ({ start, client, pool, until, deliveries }) => {
    const key = 'Agent.Ban/1/poison';
    const run = await start(ban('poison'), key);
    const runId = async () => (await client.workflow.getHandle(key).describe()).runId;
    const first = await runId();
    await until(async () => (await runId()) !== first); // it waits in a run that knows ids only
    await client.workflow.getHandle(key).signal('redrive');
    await until(async () => (await deliveries(key))['Agent.Ban']?.['tries'] === 1);
    await client.workflow.getHandle(key).signal('refresh');
    await pool.query('alter table effect drop constraint effect_not_poisoned');
    await client.workflow.getHandle(key).signal('redrive', ['Agent.Ban']);
    return [await ended(run)];
  },
  'discarded-at-once': async ({ start, client, until, deliveries }, { faults }) => {
    const key = 'Agent.Ban/1/discarded';
    faults.set('discarded', [undefined, new DeliveryFailure('Rejected', 'no')]);
    const run = await start(ban('discarded'), key);
    await until(async () => Object.values(await deliveries(key)).some(({ state }) => state === 'parked'));
    await client.workflow.getHandle(key).signal('discard');
    return [await ended(run)];
  },
  refused: async ({ start }) => [await ended(await start({ type: 'Agent.Ban', data: {} }))],
  'ride-of-three': async ({ start }, { faults }) => {
    faults.set('ride-2', [undefined, new DeliveryFailure('RateLimited', 'later', { retryAfterMs: 50 })]);
    return [await ended(await start(['ride-1', 'ride-2', 'ride-3'].map(ban), 'ride/three'))];
  },
  /** The sweep goes on with what an ended run, here or on another cluster, has left. */
  'taken-over': async ({ start, client, until }, { faults, sent }) => {
    const key = 'Agent.Ban/1/taken-over';
    faults.set('taken-over', [undefined, new DeliveryFailure('RateLimited', 'later', { retryAfterMs: 3_000 })]);
    await start(ban('taken-over'), key);
    const handle = client.workflow.getHandle(key);
    const { runId: first } = await handle.describe();
    await until(async () => sent.includes('taken-over'));
    await handle.terminate();
    await until(async () => (await handle.describe()).runId !== first);
    return [await ended(handle)];
  },
  'changed-by-updates': async ({ start, client, until, deliveries }, { faults }) => {
    const key = 'Agent.Ban/1/updated';
    faults.set('updated', [undefined, new DeliveryFailure('Rejected', 'no'), new DeliveryFailure('Rejected', 'no')]);
    const run = await start(ban('updated'), key);
    const isParked = async () => (await deliveries(key))['Agent.Ban.Webhook']?.['state'] === 'parked';
    await until(isParked);
    await client.workflow.getHandle(key).executeUpdate('redrive', { args: [['Agent.Ban.Webhook']] });
    await until(isParked);
    await client.workflow.getHandle(key).executeUpdate('discard');
    return [await ended(run)];
  },
  resumed: async ({ start, client, until, deliveries }, { faults }) => {
    const key = 'Agent.Ban/1/resumed';
    faults.set('resumed', [undefined, new DeliveryFailure('Rejected', 'no')]);
    const run = await start(ban('resumed'), key);
    await until(async () => Object.values(await deliveries(key)).some(({ state }) => state === 'parked'));
    const args = [{ action: 'redrive', failure: 'Rejected', rate: 10 }];
    const resuming = await client.workflow.start('resumeDeliveries', { taskQueue: 'chat-events', workflowId: 'resumed', args });
    await run.result();
    return [await ended(resuming)];
  },
  /** As a publisher's journal asks. */
  'recorded-events': async ({ client }) => {
    const args = [['Agent.Ban/1/delivered', 'Agent.Ban/1/unknown']];
    return [await ended(await client.workflow.start('recordedEvents', { taskQueue: 'chat-events', workflowId: 'asked', args }))];
  },
  large: async ({ start }, { faults }) => {
    faults.set('large', [undefined, new DeliveryFailure('RateLimited', 'later', { retryAfterMs: 50 })]);
    return [await ended(await start(large('large')))];
  },
  'ride-of-large': async ({ start }) => [await ended(await start(['large-1', 'large-2', 'large-3', 'large-4'].map(large), 'ride/large'))],
  /** Recorded before deliveries of one label went one after the other. */
  'one-label': async ({ start, client, pool }) => {
    const key = 'Agent.Ban/1/one-label';
    await pool.query("update subscription set state = 'paused'");
    await ended(await start(ban('one-label'), key));
    await pool.query("update subscription set state = 'active'");
    await pool.query(
      `update delivery set label = 'Agent.Ban', state = 'pending', failure_type = null, failure_message = null, settled_at = null
       where event_key = $1`,
      [key],
    );
    return [await ended(await client.workflow.start('processChatEvent', { taskQueue: 'chat-events', workflowId: key, args: [{ key }] }))];
  },
  'cancelled-at-once': async ({ client }) => {
    const workflowId = 'Agent.Ban/1/cancelled-at-once';
    const run = await client.workflow.start('processChatEvent', { taskQueue: 'chat-events', workflowId, args: [ban('cancelled-at-once')], startDelay: '1 s' });
    await run.cancel();
    return [await ended(client.workflow.getHandle(workflowId, run.firstExecutionRunId))];
  },
  /** The server ends the activity after 30 days; here an operator shortens them, which the history does not say. */
  'thirty-days': async ({ start, client, until }, { faults }) => {
    const key = 'Agent.Ban/1/thirty-days';
    faults.set('thirty-days', [undefined, inAnHour(), inAnHour()]);
    const run = await start(ban('thirty-days'), key);
    const pending = async () => (await client.workflow.getHandle(key).describe()).raw.pendingActivities ?? [];
    await until(async () => (await pending()).some(({ attempt }) => (attempt ?? 0) > 1)); // after the local one
    await shortenActivity(client, key, 'Agent.Ban.Webhook');
    await until(async () => (await timedOut(client, key)) === 1);
    faults.delete('thirty-days');
    await client.workflow.getHandle(key).signal('redrive');
    return [await ended(run)];
  },
  'ride-two-hours': async ({ start, client, until, deliveries }, { faults }) => {
    const key = 'Agent.Ban/1/two-hours-1';
    faults.set('two-hours-1', [undefined, new DeliveryFailure('Unavailable', 'in five minutes', { retryAfterMs: 300_000 })]);
    const run = await start(['two-hours-1', 'two-hours-2', 'two-hours-3'].map(ban), 'ride/two-hours');
    await until(async () => (await deliveries(key))['Agent.Ban.Webhook']?.['failure_type'] === 'Unavailable');
    await shortenActivity(client, 'ride/two-hours', 'webhook');
    return [await ended(run)];
  },
  /** Its next try would come after the batch has tried for six minutes. */
  'ride-six-minutes': async ({ start }, { faults }) => {
    faults.set('six-minutes-1', [undefined, new DeliveryFailure('Unavailable', 'in seven minutes', { retryAfterMs: 420_000 })]);
    return [await ended(await start(['six-minutes-1', 'six-minutes-2'].map(ban), 'ride/six-minutes'))];
  },
  /** Recorded when a round was one local activity: one that takes so long that its workflow task is renewed meanwhile. */
  sweep: async ({ client, pool, until }) => {
    const session = await pool.connect();
    await session.query('begin; set local idle_in_transaction_session_timeout = 0');
    await session.query('lock table abandoned_run');
    let workflowId = '';
    await until(async () => {
      for await (const run of client.workflow.list({ query: "WorkflowType = 'sweepDeliveries' AND ExecutionStatus = 'Running'" }))
        if (((await client.workflow.getHandle(run.workflowId).fetchHistory()).events?.length ?? 0) > 5) ({ workflowId } = run);
      return workflowId !== '';
    });
    await session.query('rollback');
    session.release();
    return [await ended(client.workflow.getHandle(workflowId))];
  },
  'ride-with-one-parked': async ({ start, pool }) => {
    await pool.query("alter table effect add constraint effect_not_poisoned check (event_id not like 'poison%') not valid");
    return [await ended(await start(['ride-4', 'poison-5', 'ride-6'].map(ban), 'ride/parked'))];
  },
};

const inAnHour = () => new DeliveryFailure('Unavailable', 'in an hour', { retryAfterMs: 3_600_000 });

async function ended(run: { workflowId: string; result(): Promise<unknown> }): Promise<string> {
  await run.result().catch(() => {}); // a failed run's history counts too
  return run.workflowId;
}

/** One file per run: a workflow that continued as new has several. */
async function save({ client }: Running, name: string, workflowIds: readonly string[]): Promise<void> {
  let count = 0;
  for (const workflowId of workflowIds) {
    let runId: string | undefined = (await client.workflow.getHandle(workflowId).describe()).raw.workflowExecutionInfo?.firstRunId ?? undefined;
    while (runId) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      const file = join(__dirname, `${name}${++count > 1 ? `-${count}` : ''}.json`);
      // Without where this checkout is, which stands in stack traces.
      const json = JSON.stringify(withRealTimes(JSON.parse(historyToJSON(history)) as History)).replaceAll(`${join(__dirname, '../..')}/`, '');
      await writeFile(file, `${json}\n`);
      const last = history.events?.at(-1);
      runId = last?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
      console.log(`${file}: ${history.events?.length} events`);
    }
  }
}

interface History {
  readonly events: {
    readonly eventId: string;
    eventTime: string;
    readonly activityTaskScheduledEventAttributes?: { readonly scheduleToCloseTimeout: string };
    readonly activityTaskTimedOutEventAttributes?: { readonly scheduledEventId: string };
  }[];
}

/** After a time-out that was shortened, the times of the events are those that they would have. */
function withRealTimes(history: History): History {
  const { events } = history;
  let laterMs = 0;
  for (const event of events) {
    const scheduledId = event.activityTaskTimedOutEventAttributes?.scheduledEventId;
    const scheduled = events.find(({ eventId }) => eventId === scheduledId)?.activityTaskScheduledEventAttributes;
    if (scheduled) laterMs += 1_000 * Number.parseInt(scheduled.scheduleToCloseTimeout, 10);
    if (laterMs > 0) event.eventTime = new Date(Date.parse(event.eventTime) + laterMs).toISOString();
  }
  return history;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
