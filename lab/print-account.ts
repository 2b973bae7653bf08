import type { Account, QueueAccount } from './account';

const columns = [
  'implied',
  'found',
  'skipped',
  'delivered',
  'parked',
  'discarded',
  'pending',
  'lost',
] as const satisfies readonly (keyof QueueAccount)[];

const meanings = `implied: deliveries that follow from what was accepted    found: those whose effect is at the destination
skipped: those that ask nothing of it, such as a chat that is for no ticket
delivered, parked, discarded, pending: what the product itself says
lost: implied, but neither found nor skipped, parked or discarded`;

/** The account as a table for a person, one line per data queue. */
export function printAccount(account: Account): string {
  const { published, accepted, duplicates, refused, recorded, deliveries, lost, problems } = account;
  const rows = Object.entries(account.byQueue);
  const total = (column: (typeof columns)[number]): number => rows.reduce((sum, [, queue]) => sum + queue[column], 0);
  const width = Math.max(...rows.map(([name]) => name.length), 'data queue'.length);
  const line = (name: string, cells: readonly (string | number)[]): string =>
    `  ${name.padEnd(width)}${cells.map((cell, i) => String(cell).padStart((columns[i]?.length ?? 0) + 2)).join('')}`;
  const rule = `  ${'-'.repeat(width + columns.join('  ').length + 2)}`;
  return [
    'The account',
    `  Events      ${published} published = ${accepted} accepted + ${duplicates} duplicates + ${refused} refused at the door; ${recorded} recorded`,
    `  Deliveries  ${total('implied')} implied; ${deliveries.delivered} delivered + ${deliveries.parked} parked + ${deliveries.discarded} discarded + ${deliveries.pending} pending`,
    '',
    line('data queue', columns),
    rule,
    ...rows.map(([name, queue]) =>
      line(
        name,
        columns.map((column) => queue[column]),
      ),
    ),
    rule,
    line('all', columns.map(total)),
    '',
    ...meanings.split('\n').map((text) => `  ${text}`),
    '',
    ...problems.map((problem) => `  Does not balance: ${problem}`),
    lost === 0 ? '  Lost: nothing.' : `  LOST: ${lost}. Look at the queues above whose last column is not 0.`,
  ].join('\n');
}
