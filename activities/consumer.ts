import type { z } from 'zod';
import type { Tx } from '../db/tx';
import type { Attachment } from '../events/attachment';
import type { ChatEvent } from '../events/catalogue';
import type { SignInStore } from './connections/sign-in';
import { DeliveryFailure } from './failures';

/** The code for one kind of destination. */
export type Consumer = InDatabaseConsumer | ExternalConsumer;

/** A consumer with the texts of its page in docs/; all in the registry have them. */
export interface Documented {
  readonly about: ConsumerAbout;
}

/** Texts for docs/: Markdown, in plain sentences. Fields, deadlines and tries are read from the code. */
export interface ConsumerAbout {
  /** Its effect, in sentences. */
  readonly what: string;
  /** Link to the page in docs/ that sets up an account step by step. */
  readonly guide?: string;
  /** How the destination recognises an event that it gets again, and which effect may arrive twice nevertheless. */
  readonly idempotency: string;
  /** Each answer beside success, and the failure type that it becomes. */
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
  /** The parts of a site's account at the destination; without it the consumer needs none. */
  readonly connection?: ConnectionKind;
  /** Sends one delivery; resolves with a receipt or throws a DeliveryFailure. */
  send(request: SendRequest): Promise<Receipt>;
  /** Closes its connections, when the worker has stopped. */
  close?(): void | Promise<void>;
}

/** Closes their connections, once no caller uses them; a sign-in that is under way is waited for and stored. */
export async function closeConsumers(consumers: Readonly<Record<string, Consumer>>): Promise<void> {
  await Promise.all(Object.values(consumers).map(async (one) => one.kind === 'external' && (await one.close?.())));
}

/** The result of a delivery, or `{ skipped: reason }`; no personal data. */
export interface Receipt {
  /** Of the records at the destination, by kind; the Web UI shows them as the activity's result. */
  readonly ids?: Readonly<Record<string, string>>;
  readonly [more: string]: unknown;
}

/** How much a destination accepts from an account. */
export interface ConnectionLimits {
  /** Sends at once, in each of two workers. */
  readonly maxInFlight?: number;
  /** Deliveries per second, all workers together. */
  readonly ratePerSecond?: number;
}

/** A site's account at a kind of destination: its configuration, its secrets, whether it works. */
export interface ConnectionKind<Config = unknown, Secrets = unknown> {
  /** Fields with `describe`, from which the consumer's page in docs/ is generated. */
  readonly config: z.ZodType<Config>;
  /** An object of strings; `ops connections add` asks for each field by its name. */
  readonly secrets: z.ZodType<Secrets>;
  /** Checks addresses without a name server. @throws DeliveryFailure for one to which nothing would be sent */
  judge?(config: Config): void;
  /** Limits of a new connection for which the operator gives none. */
  limits?(config: Config): ConnectionLimits;
  /** Signs in at the destination, and changes nothing there. @returns a text for the operator. @throws DeliveryFailure */
  check(account: Account<Config, Secrets>, signal: AbortSignal, signIn?: SignInStore): Promise<string>;
  /**
   * Writes a marked record there and removes it. @param say shows the operator the possible effects beforehand
   *
   * @returns a text for the operator, with the id of a record that could not be removed. @throws DeliveryFailure
   */
  readonly tryWrite?: (
    account: Account<Config, Secrets>,
    signal: AbortSignal,
    say: (line: string) => void,
    signIn?: SignInStore,
  ) => Promise<string>;
  /** Sends an example, under a message id of its own. @returns a text for the operator. @throws DeliveryFailure */
  readonly sendTest?: (
    account: Account<Config, Secrets>,
    test: { readonly messageId: string; readonly event: ChatEvent },
    signal: AbortSignal,
  ) => Promise<string>;
  /** Lines that the other side needs, such as a public key; no secret. Default: none. */
  describe?(account: Account<Config, Secrets>): string[];
  /** When the credential expires; null, and the default: not known, or never. */
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
  /** Counts changes of the connection by operators; state that is kept for an account belongs to one edition. 0 without a connection. */
  readonly connectionEdition: number;
  /** Of the delivery's connection; empty objects for a consumer that needs none. */
  readonly account: Account<Config, Secrets>;
  /** The files that the event carried inline. */
  loadAttachments(): Promise<readonly Attachment[]>;
  /**
   * The progress that earlier attempts saved; for consumers that deliver in parts. No personal data. `unanswered` is removed when an operator
   * redrives the delivery as Unconfirmed.
   */
  readonly progress: Readonly<Record<string, unknown>>;
  /** Adds to the progress; it is written at once, and kept if the attempt fails. */
  saveProgress(done: Readonly<Record<string, unknown>>): Promise<void>;
  readonly signIn: SignInStore;
  /** Aborted at the deadline and when the attempt is cancelled. */
  readonly signal: AbortSignal;
  /**
   * Called when the whole request is sent and could have an effect: the deadline no longer ends the send. The lease is renewed
   * while it waits for the answer, and the activity does not wait.
   *
   * @returns a function to call when the answer has come, or the wait is over
   */
  allSent(): () => void;
  /** Aborted when the process stops: a wait for an answer ends now. */
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
  const { tryWrite, sendTest } = connection;
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
      ...(sendTest && { sendTest: async (account, test, signal) => sendTest(read(account), test, signal) }),
      describe: (account) => connection.describe?.(read(account)) ?? [],
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
