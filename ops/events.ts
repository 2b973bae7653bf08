import type { Command } from 'commander';
import { readEventKey } from '../events/read-identity';
import { showEvent, type ShownDelivery, type ShownEvent } from '../db/show-event';
import type { Ops } from './open-ops';
import { CommandFailure, print, table, type Column } from './output';

/** `ops events ...`: the state of one event. */
export function addEventCommands(events: Command, ops: Ops): void {
  events
    .command('show')
    .description('the workflow that carries an event, and the state of each of its deliveries; none of its data')
    .argument('<key>', '{type}/{site}/{id}, such as Chat.Ended/10001/5f3a')
    .option('--json', 'as JSON')
    .action(async (key: string, { json }: { json?: boolean }) => {
      const db = await ops.database();
      const read = readEventKey(key);
      const event = (await showEvent(db, key)) ?? (read === undefined ? null : await showEvent(db, read));
      if (event === null) {
        throw new CommandFailure(
          `The database has no event of the key ${key}. An event that Temporal has and no worker has recorded yet is a workflow of that id, or in a batch; ` +
            'one that no cluster has taken yet is in the journal of its publisher (npm run ops -- journal status --dir FOLDER).',
        );
      }
      print(json ? JSON.stringify(event, undefined, 2) : describe(event));
    });
}

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
    deliveries.length === 0 ? 'It has no deliveries: no subscription is for it.' : table(deliveries, COLUMNS),
    ...refusals,
  ].join('\n');
}

const COLUMNS: readonly Column<ShownDelivery>[] = [
  { title: 'DATA QUEUE', of: ({ dataQueue }) => dataQueue },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'TRIES', of: ({ tries }) => tries },
  { title: 'SINCE, OR NEXT TRY', of: ({ at }) => at },
  { title: 'WORKFLOW', of: ({ cluster, workflowId }) => `${cluster} ${workflowId}` },
  { title: 'RECORDS', of: ({ receipt }) => recordsOf(receipt) },
  { title: 'WHY', of: ({ failureType, failureMessage }) => failureType && `${failureType}: ${failureMessage}` },
];

/** The ids at the destination, as the consumer's receipt names them: "case 500A1, contact 003B2"; or why the delivery had nothing to do. */
function recordsOf(receipt: ShownDelivery['receipt']): string {
  if (receipt?.skipped !== undefined) return `nothing to do: ${receipt.skipped}`;
  return Object.entries(receipt?.ids ?? {})
    .map(([kind, id]) => `${kind} ${id}`)
    .join(', ');
}
