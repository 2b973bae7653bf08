import type { Fault, FakeRequest } from '../activities/http/fake';
import type { ImpliedDelivery } from './account';

/** Gives a site an account at a destination. @returns the connection's id */
export type Connect = (
  siteId: string,
  consumer: string,
  config: object,
  secrets: Readonly<Record<string, string>>,
) => Promise<string>;

/** The servers of one consumer, one or one per site, and the deliveries that have reached them. */
export interface Destination {
  /** Consumer whose deliveries arrive here. */
  readonly consumer: string;
  /** Looks once at everything that is there. @returns a function that says whether a delivery has had its whole effect */
  look(): (delivery: ImpliedDelivery) => boolean;
  /** Event and connection alone say that nothing is to be seen here. Default: there always is. */
  asksNothing?(delivery: ImpliedDelivery): boolean;
  /** Takes a delivery's effect away, behind the product's back. Default: it cannot, as a sent message stays sent. */
  remove?(delivery: ImpliedDelivery): void;
  /** Different messages or records that are there. */
  distinct(): number;
  /** Arrivals beyond the first of one message, where the receiver tells repeats by their id. Default: repeats leave no trace. */
  wireDuplicates?(): number;
  /** Requests that met a fault and that were answered otherwise, or not at all. Default: not counted. */
  faultsMet?(): number;
  /** Each problem of the content, in words, such as a record that exists twice. */
  problems(): string[];
  /** When (ms since 1970) the effect of an event has arrived at a site; undefined = not yet. Default: it does not tell. */
  arrivedAt?(siteId: string, key: string): number | undefined;
  /** From now on the site's server takes everything. */
  heal(siteId: string): void;
  /** Drops everything that has arrived, as if it never had. */
  forget(): void;
  close(): Promise<void>;
}

/** A fault of a site's CRM instead of its usual answer; undefined = it does as it is asked. */
export type CrmPlan = (request: FakeRequest) => Fault | undefined;

interface CrmServer {
  readonly arrivals: readonly { readonly fault: Fault | undefined }[];
  readonly script: { fault: CrmPlan };
  close(): Promise<void>;
}

/** The part of a destination that is alike for the servers of every CRM, by site. */
export const crmServers = (servers: ReadonlyMap<string, CrmServer>) => ({
  faultsMet: (): number =>
    [...servers.values()].flatMap(({ arrivals }) => arrivals).filter(({ fault }) => fault !== undefined).length,
  heal(siteId: string): void {
    const server = servers.get(siteId);
    if (server !== undefined) server.script.fault = () => undefined;
  },
  close: async (): Promise<void> => void (await Promise.all([...servers.values()].map((server) => server.close()))),
});

/** Values beyond the first of those that are alike. */
export const repeats = (values: readonly string[]): number => values.length - new Set(values).size;
