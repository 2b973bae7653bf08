import type { EventType } from './catalogue';
import type { ConsumerName } from './consumer-name';

/** Those that deliver to a site's own account, so that an event yields one delivery per connection. */
export const consumersWithConnection: readonly ConsumerName[] = ['email', 'webhook', 'salesforce', 'zendesk'];

interface Relation {
  readonly dataQueue: string;
  readonly type: EventType;
  readonly consumer: ConsumerName;
}

const everyConsumer = [
  ['Persistence', 'persistence'],
  ['Email', 'email'],
  ['Ticket', 'ticket'],
  ['Webhook', 'webhook'],
  ['Salesforce', 'salesforce'],
  ['Zendesk', 'zendesk'],
] as const satisfies readonly (readonly [string, ConsumerName])[];

const persisted = [
  'Visitor.Rating',
  'Agent.Wrapup',
  'CannedMessage.UseLog',
  'PrivateMessage.Log',
  'ChatQueue.Log',
  'AgentStatus.Log',
  'AutoInvitation.Log',
  'ManualInvitation.Log',
  'Visit.Log',
  'Conversion.Log',
  'Agent.SavePreference',
  'Agent.Ban',
] as const satisfies readonly EventType[];

/** The seed's 24 relations, section "Events": which data queue takes which event to which consumer. */
export const relations: readonly Relation[] = [
  ...(['Chat.Ended', 'OfflineMessage.Submit'] as const).flatMap((type) =>
    everyConsumer.map(([name, consumer]) => ({ dataQueue: `${type}.${name}`, type, consumer })),
  ),
  ...persisted.map((type) => ({ dataQueue: type, type, consumer: 'persistence' as const })),
];
