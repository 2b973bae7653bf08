import { catalogue, type EventType } from '../../../events/catalogue';
import type { EventDefinition } from '../../../events/define-event';
import type { ConsumerDefinition } from '../../consumer-definition';
import { localPolicy } from '../../deliver/delivery-policy';

/** In the seed, an event with one data queue gives it its own name. */
const queueNames: Readonly<Partial<Record<EventType, string>>> = {
  'Chat.Ended': 'Chat.Ended.Persistence',
  'OfflineMessage.Submit': 'OfflineMessage.Submit.Persistence',
};

const stored = Object.values<EventDefinition & { type: EventType }>(catalogue).filter((one) => one.stored !== false);

export const persistence: ConsumerDefinition = {
  needsConnection: false,
  subscribes: Object.fromEntries(stored.map(({ type }) => [type, queueNames[type] ?? type])),
  policy: localPolicy,
  create: async ({ effects }) => (await import('./persistence.js')).createPersistence(effects.saveEvents),
};
