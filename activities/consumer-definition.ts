import type { z } from 'zod';
import type { Effects } from '../db/effects';
import type { EventType } from '../events/catalogue';
import type { Consumer, Documented } from './consumer';
import type { DeliveryPolicy } from './deliver/delivery-policy';
import type { GuardOptions } from './http/guard';

/** Facts of a consumer that need no load of its code, which is loaded where it delivers, checks or is documented. */
export interface ConsumerDefinition {
  /**
   * True: it delivers to a site's own accounts, so an event yields one delivery per connection of its site, and none where there is no
   * connection. The consumer then has a `connection`.
   */
  readonly needsConnection: boolean;
  /** The events that it gets in every installation, each with its data queue. Data queues are stored: append only. */
  readonly subscribes: Readonly<Partial<Record<EventType, string>>>;
  /** How often it is tried; default `standardPolicy`. */
  readonly policy?: DeliveryPolicy;
  /** Environment variables of workers that belong to it, each optional or with a default, and described for docs/. */
  readonly variables?: Readonly<Record<string, z.ZodType>>;
  /** Loads its code. @param deps the parts that it may use */
  create(deps: ConsumerDeps): Promise<Consumer & Documented>;
}

/** The parts that consumers may use. */
export interface ConsumerDeps {
  /** The statements by which consumers write into our own database. */
  readonly effects: Effects;
  /** The addresses that may be called, and how names are looked up. */
  readonly guard: GuardOptions;
  /** Values of the environment variables that definitions name, as their schemas read them. */
  readonly variables: Readonly<Record<string, unknown>>;
}
