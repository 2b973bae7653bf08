import type { z } from 'zod';
import type { Tx } from '../db/tx';
import type { Attachment } from '../events/attachment';
import type { ChatEvent } from '../events/catalogue';
import { DeliveryFailure } from './failures';

/** The code for one kind of destination. */
export type Consumer = InDatabaseConsumer | ExternalConsumer;

/** A consumer that docs/consumers.md can describe; all in the registry are. */
export interface Documented {
  readonly about: ConsumerAbout;
}

/** What only its author knows; fields, deadlines and tries are read from the code. Markdown, in plain sentences. */
export interface ConsumerAbout {
  /** What it does with an event. */
  readonly what: string;
  /** How an event that comes again is recognised at the destination, and what may arrive twice nevertheless. */
  readonly idempotency: string;
  /** What may be answered beside success, and the failure that it becomes. */
  readonly failures: readonly (readonly [answer: string, becomes: string])[];
}

/** Writes into our own database; effect and delivery row are one transaction. */
export interface InDatabaseConsumer {
  readonly kind: 'inDatabase';
  /** Writes the effect of all events at once; writing an event again changes nothing. */
  write(tx: Tx, events: readonly ChatEvent[]): Promise<void>;
}

/** Sends to a destination outside; the delivery id is the idempotency key there. */
export interface ExternalConsumer {
  readonly kind: 'external';
  /** Longest time one send may take, in milliseconds; well below the activity's startToClose. */
  readonly requestTimeoutMs: number;
  /** What a site's account at the destination consists of; without it the consumer needs none. */
  readonly connection?: ConnectionKind;
  /** Sends one delivery; resolves with a receipt or throws a DeliveryFailure. */
  send(request: SendRequest): Promise<Receipt>;
  /** Gives back what it keeps open, when the worker has stopped. */
  close?(): void | Promise<void>;
}

/** What became of a delivery, or `{ skipped: reason }`; nothing personal. */
export interface Receipt {
  /** Of the records at the destination, by kind; the Web UI shows them as the activity's result. */
  readonly ids?: Readonly<Record<string, string>>;
  readonly [more: string]: unknown;
}

/** What a connection signs in by, as it stands now. */
export interface SignIn {
  readonly secrets: Readonly<Record<string, string>>;
  /** What the last sign-in gave, where that is kept; null: nothing. */
  readonly token: SignInToken | null;
  /** Milliseconds until the token ends; Infinity: not known. */
  readonly leftMs: number;
}

/** An access token, and what belongs to it by names of the consumer. */
export interface SignInToken {
  readonly accessToken: string;
  readonly [more: string]: string;
}

/** What a sign-in by a refresh token gives. */
export interface Renewed {
  readonly token: SignInToken;
  /** Null: not known. */
  readonly lastsMs: number | null;
  /** The one that takes the place of the refresh token that was sent; undefined: that stays. */
  readonly refreshToken?: string | undefined;
  /** Until the refresh token ends, if it is not used; null: not known. */
  readonly refreshLastsMs: number | null;
}

/** The right to renew a sign-in, which one has at a time; it ends by itself. */
export interface Lease {
  readonly id: string;
  readonly signIn: SignIn;
  /** The one who had it before has not given it back: a worker that ended, that hung, or that got no answer in time. */
  readonly wasAbandoned: boolean;
}

/** The sign-in of a connection, which all workers share. See connections/renew-sign-in.ts. */
export interface SignInStore {
  read(): Promise<SignIn>;
  /** @returns how long another one may have it, where one has */
  take(forMs: number): Promise<Lease | { readonly waitMs: number }>;
  /** For what has come to nothing. */
  giveBack(lease: Lease): Promise<void>;
  /**
   * Seals it into the connection.
   *
   * @param sent the refresh token that it was given for
   * @returns false when the connection has another refresh token by now: that one stands
   */
  keep(renewed: Renewed, sent: string, lease: Pick<Lease, 'id'>): Promise<boolean>;
}

/** What a destination takes from an account. */
export interface ConnectionLimits {
  /** At once, in each of two workers. */
  readonly maxInFlight?: number;
  /** Deliveries per second, of all workers together. */
  readonly ratePerSecond?: number;
}

/** A site's account at a kind of destination: what is configured, what is secret, whether it works. */
export interface ConnectionKind<Config = unknown, Secrets = unknown> {
  /** Fields with `describe`, from which docs/consumers.md is generated. */
  readonly config: z.ZodType<Config>;
  /** Fields of an object of strings; each is asked for by its name. */
  readonly secrets: z.ZodType<Secrets>;
  /** @throws DeliveryFailure for an address that no delivery would be made to, as far as no name server is needed to know it */
  judge?(config: Config): void;
  /** Of a new connection without limits of its own. */
  limits?(config: Config): ConnectionLimits;
  /** Really connects, and changes nothing there. @returns what answered, for people. @throws DeliveryFailure */
  check(account: Account<Config, Secrets>, signal: AbortSignal, signIn?: SignInStore): Promise<string>;
  /**
   * Writes a marked record there and removes it. @param say gets what that may bring about, before it is done
   *
   * @returns what became of it, for people, with the id of what could not be removed. @throws DeliveryFailure
   */
  readonly tryWrite?: (
    account: Account<Config, Secrets>,
    signal: AbortSignal,
    say: (line: string) => void,
    signIn?: SignInStore,
  ) => Promise<string>;
  /** When the credential ends by itself, as far as the account says. Default: not known, or never. */
  endsAt?(account: Account<Config, Secrets>): Date | null;
}

/** Configuration and secrets of one connection, as the consumer's schemas read them. */
export interface Account<Config = unknown, Secrets = unknown> {
  readonly config: Config;
  readonly secrets: Secrets;
}

export interface SendRequest<Config = unknown, Secrets = unknown> {
  readonly deliveryId: string;
  /** Event key: type, site and id. */
  readonly key: string;
  readonly event: ChatEvent;
  /** Counted tries before this one. */
  readonly tries: number;
  readonly connectionId: string | null;
  /** Counts changes of the connection by operators: what is kept of an account belongs to one of them. 0 without a connection. */
  readonly connectionEdition: number;
  /** Of the delivery's connection; empty objects for a consumer that needs none. */
  readonly account: Account<Config, Secrets>;
  /** The files that the event carried inline. */
  loadAttachments(): Promise<readonly Attachment[]>;
  /**
   * What earlier attempts saved; for consumers that deliver in parts. Names and values of ours, nothing personal. `unanswered`
   * is forgotten when what is Unconfirmed is redriven.
   */
  readonly progress: Readonly<Record<string, unknown>>;
  /** Adds to the progress at once, also if the attempt fails later. */
  saveProgress(done: Readonly<Record<string, unknown>>): Promise<void>;
  readonly signIn: SignInStore;
  /** Aborted at the deadline and when the attempt is cancelled. */
  readonly signal: AbortSignal;
  /**
   * Says that all is sent, that a repeat could be seen, and that only the answer is missing: the deadline does not end the send
   * then. The lease is renewed for as long as it waits, and its activity does not wait with it.
   *
   * @returns what to call when the answer has come, or is waited for no longer
   */
  allSent(): () => void;
  /** Aborted when the process stops: what still waits for an answer ends now. */
  readonly stopping: AbortSignal;
}

interface Definition<Config, Secrets> {
  readonly requestTimeoutMs: number;
  readonly connection: ConnectionKind<Config, Secrets>;
  send(request: SendRequest<Config, Secrets>): Promise<Receipt>;
}

/** A consumer with connections: configuration and secrets are read by its schemas before each send and check. */
export function externalConsumer<Config, Secrets>(definition: Definition<Config, Secrets>) {
  const { requestTimeoutMs, connection } = definition;
  const read = ({ config, secrets }: Account): Account<Config, Secrets> => ({
    config: parse(connection.config, config, 'configuration'),
    secrets: parse(connection.secrets, secrets, 'secrets'),
  });
  const { tryWrite } = connection;
  const consumer = {
    kind: 'external',
    requestTimeoutMs,
    connection: {
      config: connection.config,
      secrets: connection.secrets,
      judge: (config) => connection.judge?.(parse(connection.config, config, 'configuration')),
      limits: (config) => connection.limits?.(parse(connection.config, config, 'configuration')) ?? {},
      check: async (account, signal, signIn) => connection.check(read(account), signal, signIn),
      ...(tryWrite && {
        tryWrite: async (account, signal, say, signIn) => tryWrite(read(account), signal, say, signIn),
      }),
      endsAt: (account) => connection.endsAt?.(read(account)) ?? null,
    },
    send: async (request) => definition.send({ ...request, account: read(request.account) }),
  } satisfies ExternalConsumer;
  return consumer;
}

/** @throws DeliveryFailure InvalidConfig that names every mistake by path, and no value */
export function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { success, data, error } = schema.safeParse(value, { reportInput: false });
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  throw new DeliveryFailure('InvalidConfig', `The connection's ${what} cannot be used: ${problems.join('; ')}.`);
}
