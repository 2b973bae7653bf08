import type { Tx } from '../../db/tx';
import type { ChatEvent } from '../../events/catalogue';
import type { Consumer } from '../consumer';
import { createPersistence } from './persistence/persistence';

/** What consumers are built from. */
export interface ConsumerDeps {
  readonly saveEvents: (tx: Tx, events: readonly ChatEvent[]) => Promise<void>;
}

/** The registry. Keys are activity types and stand in histories: append only. */
export function createConsumers({ saveEvents }: ConsumerDeps): Readonly<Record<string, Consumer>> {
  return {
    persistence: createPersistence(saveEvents),
  };
}
