import { createClient, type ZendeskClient } from 'node-zendesk';
import { z } from 'zod';
import type { SignInStore } from '../../connections/sign-in';
import { callHttp, type HttpRequest } from '../../http/call';
import { parseJson } from '../../http/parse-json';
import type { GuardedAgent } from '../../http/guard';
import { originOf, type ZendeskAccount } from './account';
import type { NewTicket } from './compose-ticket';
import type { NewFile } from './files-of';
import type { Session } from './sessions';
import { accountRefused, malformed, ZendeskRefusal } from './zendesk-failure';

/** A file takes longer than other requests, in milliseconds. */
const UPLOAD_WITHIN_MS = 30_000;

/** A list of tickets or of fields takes a few megabytes. */
const LIST_BYTES = 16 * 1024 * 1024;
/** The client wants some; each request gets the session's own. */
const SET_BY_SEND = { oauth: true, token: '-' };

const ME = '/api/v2/users/me';
/** The answer of `users/me`, with 200, where the credentials are wrong or a token has ended. */
const anonymous = z.object({ user: z.object({ id: z.null() }) });

const ONE_TICKET = /\/tickets\/\d/;

const record = z.object({ id: z.int().min(1) });
const ticketAnswer = z.object({ ticket: record });
const ticketsAnswer = z.object({ tickets: z.array(record.extend({ external_id: z.string().nullish() })) });
const uploadAnswer = z.object({ upload: z.object({ token: z.string().min(1).max(200) }) });
const foundAnswer = z.object({ results: z.array(record.extend({ external_id: z.string().nullish() })) });
const meAnswer = z.object({
  user: z.object({
    id: z.int().nullish(),
    role: z.string().nullish(),
    role_type: z.int().nullish().catch(null),
    only_private_comments: z.boolean().nullish().catch(null),
  }),
});
const commentsAnswer = z.object({
  comments: z.array(z.object({ attachments: z.array(z.object({ file_name: z.string() })).default([]) })),
});
const fieldsAnswer = z.object({ ticket_fields: z.array(record) });

/** Who signs in. */
export interface SignedIn {
  readonly id: number;
  /** `agent` or `admin`. */
  readonly role: string;
  /** A light agent writes internal notes only. */
  readonly isLight: boolean;
  readonly headers: Answer['headers'];
}

/** `role_type` of a light agent. Source: developer.zendesk.com, "Users". */
const LIGHT_AGENT = 1;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: unknown;
}

interface Options {
  readonly dispatcher: GuardedAgent;
  readonly account: ZendeskAccount;
  readonly session: Session;
  readonly signIn: SignInStore;
  readonly signal: AbortSignal;
}

export interface FoundTicket {
  readonly id: number;
  /** Zendesk's word about the Idempotency-Key: whether it had the ticket already. */
  readonly lookup?: string | undefined;
}

/** The calls of this consumer to one Zendesk account. @throws DeliveryFailure from every call */
export type Api = ReturnType<typeof openApi>;

export function openApi({ dispatcher, account, session, signIn, signal }: Options) {
  const origin = originOf(account.config);
  let renewals = 0;

  async function send(request: Omit<HttpRequest, 'signal'>, refused?: string): Promise<Answer> {
    // Pages of a list are followed by addresses out of answers: the token goes nowhere else.
    if (!request.url.startsWith(`${origin}/`)) throw malformed(200);
    const authorization = await session.authorization(signIn, refused);
    const given = Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'authorization');
    const answer = await callHttp(dispatcher, 'Zendesk', {
      ...(request.method === 'GET' && { maxBytes: LIST_BYTES }),
      ...request,
      headers: { ...Object.fromEntries(given), authorization },
      signal,
    });
    const { status, headers } = answer;
    const json = parseJson(answer.body);
    const isAnonymous = request.url.startsWith(`${origin}${ME}`) && anonymous.safeParse(json).success;
    if ((status === 401 || isAnonymous) && renewals < session.mostRenewals) {
      renewals += 1;
      return await send(request, authorization);
    }
    if (status < 200 || status >= 300) {
      throw new ZendeskRefusal(answer, ONE_TICKET.test(request.url) ? 'ticket' : 'account');
    }
    return { status, headers, json };
  }

  /**
   * A client of its own for each call, as headers belong to a client. It meets nothing but successes.
   *
   * @param note takes every answer before the client does, as Zendesk sent it
   */
  function open(customHeaders: Readonly<Record<string, string>>, note: (answer: Answer) => void): ZendeskClient {
    const transportFn = async (url: string, request: Omit<HttpRequest, 'signal' | 'url'>): Promise<Answer> => {
      const { method, headers, body } = request;
      const answer = await send({ url, method, headers, body });
      note(answer);
      return answer;
    };
    const responseAdapter = ({ status, headers, json }: Answer) => ({
      status,
      statusText: '',
      json: async () => json,
      headers: { get: (name: string) => headers[name] ?? null },
    });
    return createClient({
      ...SET_BY_SEND,
      endpointUri: `${origin}/api/v2`,
      customHeaders: { 'User-Agent': 'chat-events', ...customHeaders },
      throwOriginalException: true,
      transportConfig: { transportFn, responseAdapter },
    });
  }

  /** The answer, one or more pages, as Zendesk sent it and not as the client changes it. */
  async function call<T>(
    schema: z.ZodType<T>,
    work: (client: ZendeskClient) => Promise<unknown>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ first: T; all: readonly T[]; headers: Answer['headers'] }> {
    const all: T[] = [];
    let last: Answer['headers'] = {};
    const note = (answer: Answer): void => {
      all.push(readAnswer(schema, answer));
      last = answer.headers;
    };
    await work(open(headers, note));
    const [first] = all;
    if (first === undefined) throw malformed(200);
    return { first, all, headers: last };
  }

  return {
    origin,

    async createTicket(ticket: NewTicket, key: string): Promise<FoundTicket> {
      const answer = await call(ticketAnswer, (client) => client.tickets.create({ ticket }), {
        'Idempotency-Key': key,
      });
      return { id: answer.first.ticket.id, lookup: answer.headers['x-idempotency-lookup'] };
    },

    /** The first ticket with that external id; Zendesk lets several have one. It lists none that is archived. */
    async findTicket(key: string): Promise<FoundTicket | null> {
      const { first } = await call(ticketsAnswer, (client) => client.tickets.get(['tickets', { external_id: key }]));
      return firstWith(key, first.tickets);
    },

    /** The same among archived tickets: the search knows them, after the minutes that its index takes. */
    async findArchivedTicket(key: string): Promise<FoundTicket | null> {
      const query = `type:ticket external_id:${key}`;
      const { first } = await call(foundAnswer, (client) => client.tickets.get(['search', { query }]));
      return firstWith(key, first.results);
    },

    async addNote(id: number, body: string, uploads: string[]): Promise<void> {
      const ticket = { comment: { body, public: false, uploads } };
      await call(ticketAnswer, (client) => client.tickets.update(id, { ticket }));
    },

    /** Names of all files of a ticket. */
    async fileNames(id: number): Promise<string[]> {
      const { first } = await call(commentsAnswer, (client) => client.tickets.get(['tickets', id, 'comments']));
      return first.comments.flatMap(({ attachments }) => attachments.map(({ file_name: name }) => name));
    },

    /** @returns the token by which a ticket takes the file, once */
    async upload({ name, type, content }: NewFile): Promise<string> {
      // The client itself reads uploads from the disk only.
      const headers = open({ 'Content-Type': type }, () => {}).attachments.transporter.getHeadersForRequest();
      const url = `${origin}/api/v2/uploads.json?filename=${encodeURIComponent(name)}`;
      const answer = await send({ method: 'POST', url, headers, body: content, timeoutMs: UPLOAD_WITHIN_MS });
      return readAnswer(uploadAnswer, answer).upload.token;
    },

    /** Who signs in. @throws DeliveryFailure ConnectionBroken unless that is an agent */
    async me(): Promise<SignedIn> {
      const answer = await call(meAnswer, (client) => client.users.me()).catch((error: unknown) => {
        if (!(error instanceof ZendeskRefusal && error.status === 403)) throw error;
        throw accountRefused('answers 403 when it is asked who signs in', 403);
      });
      const { id, role, role_type: roleType, only_private_comments: isPrivate } = answer.first.user;
      // Wrong credentials may be answered as "Anonymous user", with 200.
      if (typeof id === 'number' && (role === 'agent' || role === 'admin')) {
        const isLight = role === 'agent' && (roleType === LIGHT_AGENT || isPrivate === true);
        return { id, role, isLight, headers: answer.headers };
      }
      throw accountRefused('does not take user and token for those of an agent or admin', 200);
    },

    async ticketFieldIds(): Promise<number[]> {
      const { all } = await call(fieldsAnswer, (client) => client.ticketfields.list());
      return all.flatMap(({ ticket_fields: fields }) => fields.map(({ id }) => id));
    },

    /** False when there is none of that id that the user sees. */
    async exists(kind: 'groups' | 'brands' | 'ticket_forms', id: number): Promise<boolean> {
      try {
        await call(z.object({}), (client) => client.groups.get([kind, id])); // each of its parts asks for anything
        return true;
      } catch (error) {
        if (error instanceof ZendeskRefusal && [403, 404].includes(error.status)) return false;
        throw error;
      }
    },
  };
}

function firstWith(
  key: string,
  tickets: readonly { readonly id: number; readonly external_id?: string | null | undefined }[],
): FoundTicket | null {
  const ids = tickets.filter(({ external_id: theirs }) => theirs === key).map(({ id }) => id);
  return ids.length === 0 ? null : { id: Math.min(...ids) };
}

function readAnswer<T>(schema: z.ZodType<T>, { json, status }: Answer): T {
  const { success, data } = schema.safeParse(json);
  if (!success) throw malformed(status);
  return data;
}
