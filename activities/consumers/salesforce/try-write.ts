import { randomUUID } from 'node:crypto';
import { catalogue } from '../../../events/catalogue';
import { readEvent } from '../../../events/read-event';
import { DeliveryFailure } from '../../failures';
import type { SalesforceConfig } from './account';
import type { Api } from './api';
import { describeRules, readRules, userOf } from './check-rules';
import { isSent, readOrder, type Order } from './read-order';
import { quote, select } from './soql';
import { writeOrder } from './write-order';

const TITLE = 'Connection test: may be removed';

/**
 * Writes the records of an offline message, attached to no existing contact or lead, and removes them.
 *
 * @param say shows the possible effects, before the record is written
 * @returns the outcome, with the id of a record that could not be removed
 */
export async function tryWrite(api: Api, config: SalesforceConfig, say: (line: string) => void): Promise<string> {
  const order = testOrder(config);
  const { record, target } = order.mode;
  const kinds = [record, target].filter((kind) => kind !== null).join(' and ');
  for (const line of [
    `A ${kinds} named "${TITLE}" is written now, and removed. Assignment rules, duplicate rules, flows, workflow rules and triggers of the org take it for a real one: they may send mails, and write elsewhere.`,
    ...describeRules(await readRules(api), config),
  ])
    say(line);
  const { ids = {}, ...receipt } = await writeOrder(api, {
    order,
    key: randomUUID(),
    keyField: config.keyField,
    assignmentRules: config.assignmentRules,
    duplicates: config.duplicates,
    mayBeWritten: false,
    beforeWeakWrite: async () => {},
    files: [],
  }).catch((error: unknown) => {
    if (!(error instanceof DeliveryFailure) || error.type !== 'Unavailable') throw error;
    const message = `${error.message} Look for "${TITLE}" in Salesforce: it may be there, and is to be removed by hand.`;
    throw new DeliveryFailure(error.type, message, { details: error.details, cause: error });
  });
  const written = Object.entries(ids)
    .filter(([, id]) => id !== receipt['duplicateOf'])
    .map(([kind, id]) => [objectOf(kind), id] as const);
  // At once: if a later step fails, the ids are known.
  say(`Written, and removed next: ${written.map((one) => one.join(' ')).join(', ')}`);
  const lines: string[] = [];
  for (const [name, id] of written) {
    lines.push(`${name} ${id} was written${await ownerOf(api, name, id)}`);
    lines.push(await removed(api, name, id));
  }
  const { cut } = receipt;
  if (Array.isArray(cut))
    lines.push(`The whole text of ${cut.join(', ')} stays in the org as a file: remove it by hand`);
  return lines.join('\n');
}

/** The connection's mapping of the example, without a person: modes that find or change a contact or lead write the case or task alone. */
function testOrder(config: SalesforceConfig): Order {
  const { example } = catalogue['OfflineMessage.Submit'];
  const data = { ...example, VisitorName: TITLE, VisitorEmail: 'connection-test@example.com', Title: TITLE };
  const read = readEvent(
    { type: 'OfflineMessage.Submit', data },
    { id: randomUUID(), receivedAt: new Date().toISOString() },
  );
  const order = read.ok && isSent(read.event) ? readOrder(read.event, config) : null;
  if (order === null) throw new Error('The example is no event of its type.');
  const { mode } = order;
  return mode.how === 'create'
    ? order
    : { ...order, mode: { record: mode.record, target: null, how: 'none', targetFields: null } };
}

const objectOf = (kind: string): string => kind.charAt(0).toUpperCase() + kind.slice(1);

async function ownerOf(api: Api, name: string, id: string): Promise<string> {
  const where = [`Id=${quote(id)}`];
  const soql = select({ fields: ['Id', 'OwnerId'], from: name, where, orderBy: 'Id', limit: 1 });
  const answer = await api.query(soql).catch((error: unknown) => {
    if (error instanceof DeliveryFailure) return null;
    throw error;
  });
  if (answer === null) return '; its owner could not be read';
  const [found] = answer;
  if (found === undefined) return '; the user does not see it any more, as a rule has given it to another user';
  const owner = String(found['OwnerId']);
  return owner === (await userOf(api)) ? '' : `; its owner is ${owner}, by a rule or the mapping`;
}

async function removed(api: Api, name: string, id: string): Promise<string> {
  try {
    await api.remove(name, id);
    return `${name} ${id} was removed`;
  } catch (error) {
    if (!(error instanceof DeliveryFailure)) throw error;
    return `${name} ${id} could not be removed: remove it by hand. ${error.message}`;
  }
}
