import { Connection, OAuth2, type HttpRequest, type HttpResponse } from 'jsforce';
import { PassThrough } from 'node:stream';
import { callHttp } from '../../http/call';
import type { GuardedAgent } from '../../http/guard';
import { refusalOf } from './salesforce-failure';

const ANSWERS_WITHIN_MS = 15_000;
/** Files take their time: this fast, at least. */
const CHARACTERS_PER_SECOND = 1_000_000;

/** Describing an object with many fields takes a few megabytes. */
const DESCRIPTION_BYTES = 16 * 1024 * 1024;

/** jsforce asks for one answer after the other by this. */
interface Transport {
  httpRequest(request: HttpRequest): Promise<HttpResponse> & { stream(): PassThrough };
}

/**
 * The transport of jsforce, instead of its own: with a deadline for the whole answer, without redirects that would take the token
 * along, without retries, and with every answer but 2xx as a SalesforceRefusal. jsforce's own hangs when a body stalls, follows
 * redirects with the token, and signs in without end on 401.
 */
export function createTransport(dispatcher: GuardedAgent, signal: AbortSignal, isSignIn = false): Transport {
  const send = async ({ method, url, headers = {}, body }: HttpRequest): Promise<HttpResponse> => {
    const { 'content-length': _, ...rest } = headers; // undici counts itself
    const text = typeof body === 'string' ? body : undefined; // nothing else is sent by this consumer
    const timeoutMs = ANSWERS_WITHIN_MS + 1_000 * Math.floor((text?.length ?? 0) / CHARACTERS_PER_SECOND);
    const maxBytes = /\/describe\/?$/.test(url) ? DESCRIPTION_BYTES : undefined;
    const request = { method, url, headers: rest, body: text, signal, timeoutMs, ...(maxBytes && { maxBytes }) };
    const answer = await callHttp(dispatcher, 'Salesforce', request);
    if (answer.status < 200 || answer.status >= 300) throw refusalOf(answer, isSignIn);
    return { statusCode: answer.status, headers: { ...answer.headers }, body: answer.body };
  };
  return { httpRequest: (request) => Object.assign(send(request), { stream: () => new PassThrough() }) };
}

/** A jsforce connection that sends by the transport and never signs in by itself. */
export function openConnection(
  transport: Transport,
  options: { readonly instanceUrl: string; readonly accessToken: string; readonly version: string },
): Connection {
  const connection = new Connection(options);
  Object.assign(connection, { _transport: transport });
  return connection;
}

/** jsforce's OAuth client by the transport. */
export function openOAuth2(
  transport: Transport,
  options: { readonly loginUrl: string; readonly clientId: string; readonly clientSecret?: string },
): OAuth2 {
  const oauth2 = new OAuth2(options);
  Object.assign(oauth2, { _transport: transport });
  return oauth2;
}
