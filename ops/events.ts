import { Option, type Command } from 'commander';
import { findEvents, type FoundEvent } from '../db/find-events';
import { deliveryStates, type DeliveryState } from '../db/read-deliveries';
import { findRecorded } from '../db/find-recorded';
import { listRefused, type ListedRefusal } from '../db/list-refused';
import type { KeptAttempt } from '../db/settle-deliveries';
import { showEvent, type ShownDelivery, type ShownEvent } from '../db/show-event';
import type { Tx } from '../db/tx';
import { EVENT_TYPES } from '../events/event-types';
import { readEventKey } from '../events/read-identity';
import { checkSite } from './check-site';
import type { Found } from './find-queued';
import { STANDING_COLUMNS, WHY_COLUMN } from './delivery-columns';
import { sayMore, withListOptions, type ListOptions } from './list-options';
import type { Ops } from './open-ops';
import { CommandFailure, commandName, print, printList, table, type Column } from './output';
import { readEventTypeOption, readSite } from './read-input';

interface FindOptions extends ListOptions {
  readonly site?: string;
  readonly type?: string;
  readonly state?: DeliveryState | 'none';
}

/** `ops events ...`: finds events, and shows the state of one. */
export function addEventCommands(events: Command, ops: Ops): void {
  withListOptions(events.command('find'))
    .description('events of a site or type, latest first; with an id, those that have it')
    .argument(
      '[id]',
      "id of a chat, session, ticket or visitor, e-mail address, record id at Salesforce or Zendesk; with --site the event's own id, too; - reads it from the standard input, where other users do not see it",
    )
    .option('--site <id>', 'those of this site', readSite)
    .option('--type <type>', 'those of this type', readEventTypeOption)
    .addOption(
      new Option('--state <state>', 'with a delivery in this state, or with none').choices([...deliveryStates, 'none']),
    )
    .action(async (id: string | undefined, options: FindOptions) => {
      const { site, type, json, limit, ...rest } = options;
      const filter = { ...rest, siteId: site, eventType: type };
      if (id !== undefined) {
        const { explainNotFound, findById, readSoughtId } = await import('./find-by-id.js');
        const found = await findById(await readSoughtId(id), filter, limit, ops);
        printList(found, BY_ID_COLUMNS, { json, empty: json || found.length > 0 ? '' : await explainNotFound(ops) });
        sayMore(found.length, 'latest', options);
        if (found.length === 0) await checkSite(await ops.database(), site);
        return;
      }
      if (site === undefined && type === undefined) throw new CommandFailure('Give --site, --type or an id.');
      const db = await ops.database();
      const found = await findEvents(db, filter, limit);
      if (found.length === 0) await checkSite(db, site);
      printList(found, FOUND_COLUMNS, { json, empty: 'The database has no such event.' });
      sayMore(found.length, 'latest', options);
    });

  withListOptions(events.command('refused'))
    .description('events that could not be recorded, latest first, with the reasons; none of their data')
    .option('--site <id>', 'those of this site', readSite)
    .action(async (options: FindOptions) => {
      const { site, from, to, limit, json } = options;
      const db = await ops.database();
      const found = await listRefused(db, { siteId: site, from, to }, limit);
      if (found.length === 0) await checkSite(db, site);
      printList(found, REFUSED_COLUMNS, { json, empty: 'No event was refused.' });
      sayMore(found.length, 'latest', options);
    });

  events
    .command('show')
    .description('the workflow that carries an event, and the state of each of its deliveries')
    .argument('<key>', '{type}/{site}/{id}, such as Chat.Ended/10001/5f3a')
    .option('--reveal', 'the data of the event, too; who asks is written to the standard error')
    .option('--json', 'as JSON')
    .action(async (key: string, { reveal, json }: { reveal?: boolean; json?: boolean }) => {
      const db = await ops.database();
      const read = readEventKey(key);
      const event = (await showEvent(db, key)) ?? (read === undefined ? null : await showEvent(db, read));
      const revealed = reveal ? await findData(db, event?.key ?? read ?? key, ops) : undefined;
      if (event === null && revealed === undefined) {
        if (read === undefined) throw noKey(key);
        if ((await findRecorded(db, [read])).length > 0)
          throw new CommandFailure(`The event ${key} was erased (${commandName()} erase receipts).`);
        throw new CommandFailure(
          `The database has no event of the key ${key}. An event that Temporal has and no worker has recorded yet is a workflow of that id, or in a batch; ` +
            `one that no cluster has taken yet is in the journal of its publisher (${commandName()} journal status --dir FOLDER).`,
        );
      }
      const shown = [event && describe(event), revealed && `From ${revealed.from}:\n${toJson(revealed.data)}`];
      print(json ? toJson({ ...event, ...(revealed && { revealed }) }) : shown.filter(Boolean).join('\n\n'));
    });
}

export const noKey = (text: string): CommandFailure =>
  new CommandFailure(
    `${text} is not the key of an event. A key is {type}/{site}/{id}, such as Chat.Ended/10001/5f3a, with one of the types ` +
      `${EVENT_TYPES.join(', ')}. By an id alone: ${commandName()} events find ID.`,
  );

/** Loads Temporal's client, which no other command of the group needs. */
async function findData(db: Tx, key: string, ops: Ops) {
  const { revealEvent } = await import('./reveal-event.js');
  return await revealEvent(db, key, await ops.environment());
}

const toJson = (value: unknown): string => JSON.stringify(value, undefined, 2);

function describe({ key, recorded, deliveries, refused }: ShownEvent): string {
  const refusals = refused.flatMap(({ refusedAt, workflowId, problems }) => [
    `Refused ${refusedAt} in the workflow ${workflowId}:`,
    ...problems.map(({ path, problem }) => `  ${[path, problem].filter(Boolean).join(': ')}`),
  ]);
  if (recorded === null) return [key, ...refusals].join('\n');
  return [
    key,
    `Received ${recorded.receivedAt}, recorded ${recorded.recordedAt} on ${recorded.cluster} by the workflow ${recorded.workflowId}.`,
    '',
    deliveries.length === 0 ? describeNone(recorded) : table(deliveries, COLUMNS),
    ...describeFiltered(recorded),
    ...describeAttempts(deliveries),
    ...refusals,
  ].join('\n');
}

/** Deliveries that were not made, as there was a filter when it was recorded. */
function describeFiltered({ filtered }: NonNullable<ShownEvent['recorded']>): string[] {
  if (filtered === 0) return [];
  const what = filtered === 1 ? 'One delivery was' : `${filtered} deliveries were`;
  return [`${what} held back: by the filter of a subscription, or the event types of a connection.`];
}

function describeNone({ pruned, filtered }: NonNullable<ShownEvent['recorded']>): string {
  if (pruned === null)
    return filtered > 0 ? 'It has no deliveries.' : 'It has no deliveries: no subscription is for it.';
  const { at, delivered, discarded } = pruned;
  return `Its data and deliveries were deleted ${at} by a rule of "retention": ${delivered} were delivered, ${discarded} discarded.`;
}

type NamedAttempt = KeptAttempt & Pick<ShownDelivery, 'dataQueue'>;

function describeAttempts(deliveries: readonly ShownDelivery[]): string[] {
  const all = deliveries.flatMap(({ dataQueue, attempts }) => (attempts ?? []).map((one) => ({ dataQueue, ...one })));
  return all.length === 0 ? [] : ['', table(all, ATTEMPT_COLUMNS)];
}

const ATTEMPT_COLUMNS: readonly Column<NamedAttempt>[] = [
  { title: 'ATTEMPTS AT', of: ({ dataQueue }) => dataQueue },
  { title: 'NO.', of: ({ n }) => n },
  { title: 'ENDED', of: ({ at }) => at },
  { title: 'MS', of: ({ ms }) => ms },
  { title: 'OUTCOME', of: ({ outcome }) => OUTCOMES[outcome] },
  { title: 'ANSWER', of: ({ failure, status }) => [failure, status].filter((said) => said !== undefined).join(' ') },
  { title: 'WORKER', of: ({ worker }) => worker },
];

const OUTCOMES = { delivered: 'delivered', pending: 'tried again', parked: 'parked' } as const;

const COLUMNS: readonly Column<ShownDelivery>[] = [
  ...STANDING_COLUMNS,
  { title: 'RECORDS', of: ({ receipt }) => recordsOf(receipt) },
  WHY_COLUMN,
];

const FOUND_COLUMNS: readonly Column<FoundEvent>[] = [
  { title: 'EVENT', of: ({ key }) => key },
  { title: 'RECEIVED', of: ({ receivedAt }) => receivedAt },
  { title: 'DELIVERIES', of: ({ deliveries }) => statesOf(deliveries) },
  { title: 'RECORDED BY', of: ({ cluster, workflowId }) => `${cluster} ${workflowId}` },
];

const BY_ID_COLUMNS: readonly Column<Found>[] = [
  { title: 'EVENT', of: ({ key }) => key },
  { title: 'FOUND BY', of: ({ by }) => by },
  { title: 'AT', of: ({ at }) => at },
  {
    title: 'DELIVERIES',
    of: ({ standing, deliveries }) =>
      ({ recorded: statesOf(deliveries), refused: 'refused', queued: 'not recorded yet' })[standing],
  },
  { title: 'WORKFLOW', of: ({ cluster, workflowId }) => `${cluster} ${workflowId}` },
];

const statesOf = (deliveries: FoundEvent['deliveries']): string =>
  Object.entries(deliveries)
    .map(([state, n]) => `${n} ${state}`)
    .join(', ');

const REFUSED_COLUMNS: readonly Column<ListedRefusal>[] = [
  { title: 'REFUSED', of: ({ refusedAt }) => refusedAt },
  { title: 'EVENT', of: ({ key, type, siteId }) => key ?? [type, siteId].join('/') },
  { title: 'WORKFLOW', of: ({ cluster, workflowId }) => `${cluster} ${workflowId}` },
  {
    title: 'WHY',
    of: ({ problems: [first, ...more] }) =>
      [first?.path, first?.problem].filter(Boolean).join(': ') + (more.length > 0 ? `, and ${more.length} more` : ''),
  },
];

/** The ids at the destination, as the consumer's receipt names them: "case 500A1, contact 003B2"; or why the delivery had nothing to do. */
function recordsOf(receipt: ShownDelivery['receipt']): string {
  if (receipt?.skipped !== undefined) return `nothing to do: ${receipt.skipped}`;
  return Object.entries(receipt?.ids ?? {})
    .map(([kind, id]) => `${kind} ${id}`)
    .join(', ');
}
