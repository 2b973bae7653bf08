import type { Consumer, ExternalConsumer, InDatabaseConsumer, SendRequest } from '../activities/consumer';
import type { ChatEvent } from '../events/catalogue';

/** Consumers whose behaviour a test sets per event id, and which remember what reached them. */
export interface ScriptedConsumers {
  readonly consumers: Readonly<Record<'persistence' | 'webhook', Consumer>>;
  /** Thrown for this event id, each time until the list is empty. */
  readonly faults: Map<string, (Error | undefined)[]>;
  /** Event ids in order of arrival at the external destination; nothing is left out. */
  readonly sent: string[];
  /** Called while an external send is under way. */
  onSend: (request: SendRequest) => Promise<void>;
}

/** `persistence` writes into the table `effect` (made by EFFECT_TABLE), `webhook` remembers what it was sent. */
export function scriptedConsumers(): ScriptedConsumers {
  const faults = new Map<string, (Error | undefined)[]>();
  const sent: string[] = [];
  const fail = ({ id }: ChatEvent): void => {
    const fault = faults.get(id)?.shift();
    if (fault !== undefined) throw fault;
  };
  const persistence: InDatabaseConsumer = {
    kind: 'inDatabase',
    write: async (tx, events) => {
      await tx.query('insert into effect (event_id, type) select * from unnest($1::text[], $2::text[])', [
        events.map(({ id }) => id),
        events.map(({ type }) => type),
      ]);
      events.forEach(fail);
    },
  };
  const webhook: ExternalConsumer = {
    kind: 'external',
    requestTimeoutMs: 2_000,
    send: async (request) => {
      sent.push(request.event.id);
      await scripted.onSend(request);
      fail(request.event);
      return { deliveryId: request.deliveryId };
    },
  };
  const scripted: ScriptedConsumers = { consumers: { persistence, webhook }, faults, sent, onSend: async () => {} };
  return scripted;
}

/** No key: an effect that is written twice shows as two rows. */
export const EFFECT_TABLE = `
create table effect (event_id text not null, type text not null,
  constraint effect_not_poisoned check (event_id not like 'poison%'))`;
