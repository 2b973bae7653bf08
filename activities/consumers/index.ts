import { z } from 'zod';
import type { Effects } from '../../db/effects';
import type { Consumer, Documented } from '../consumer';
import type { ConsumerDefinition } from '../consumer-definition';
import { standardPolicy, type DeliveryPolicy } from '../deliver/delivery-policy';
import { createHostResolver } from '../http/dns/host-resolver';
import type { OnAnswer } from '../http/exchange';
import * as registry from './registry';

export type ConsumerName = keyof typeof registry;

/** By name, in order of name: the definition of every consumer, without its code. */
export const definitions = Object.fromEntries(
  Object.entries(registry).sort(([a], [b]) => (a < b ? -1 : 1)),
) as Readonly<
  Record<ConsumerName, ConsumerDefinition> // the same entries in another order
>;

export const consumerNames = Object.keys(definitions) as readonly ConsumerName[]; // its keys are these

/** Undefined for a consumer that another version has. */
const definitionOf = (name: string): ConsumerDefinition | undefined =>
  Object.hasOwn(definitions, name) ? definitions[name as ConsumerName] : undefined; // it is a key

/** Whether an event yields one delivery per connection of its site. */
export const needsConnection = (name: string): boolean => definitionOf(name)?.needsConnection === true;

export const policyOf = (name: string): DeliveryPolicy => definitionOf(name)?.policy ?? standardPolicy;

/** The environment variables of all consumers. */
export const consumerVariables = z.object(
  Object.assign({}, ...Object.values(definitions).map(({ variables }) => variables)) as Record<string, z.ZodType>, // of such
);

export interface CreateConsumersOptions {
  readonly effects: Effects;
  /** Addresses or ranges that deliveries may call although they are not public. Default: none. */
  readonly allowedAddresses?: readonly string[];
  /** Name servers for the hosts of destinations, as address or address:port. Default: those of this machine. */
  readonly dnsServers?: readonly string[];
  /** Called with each answer of Salesforce and Zendesk, secrets included. Default: not called. */
  readonly onAnswer?: OnAnswer | undefined;
  /** The values of `consumerVariables`. Default: none is set. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

export type Consumers = Readonly<Record<string, Consumer & Documented>>;

/** Loads and builds every consumer of the registry, by name. */
export async function createConsumers({
  effects,
  allowedAddresses = [],
  dnsServers = [],
  onAnswer,
  variables = consumerVariables.parse({}),
}: CreateConsumersOptions): Promise<Consumers> {
  const guard = { allowedAddresses, resolver: createHostResolver({ servers: dnsServers }), onAnswer };
  const built = Object.entries(definitions).map(
    async ([name, definition]) => [name, await definition.create({ effects, guard, variables })] as const,
  );
  return Object.fromEntries(await Promise.all(built));
}
