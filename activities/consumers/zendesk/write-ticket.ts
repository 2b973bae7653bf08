import type { Receipt, SendRequest } from '../../consumer';
import type { ZendeskConfig, ZendeskSecrets } from './account';
import type { Api, FoundTicket } from './api';
import { composeTicket, describeRefused, type NewTicket, type TicketEvent } from './compose-ticket';
import { filesOf, type NewFile } from './files-of';
import { ZendeskRefusal } from './zendesk-failure';

interface Order {
  readonly request: SendRequest<ZendeskConfig, ZendeskSecrets>;
  readonly event: TicketEvent;
  readonly api: Api;
  /** The Zendesk user that the connection signs in as; another one once it is mended with another. */
  findAuthor(): Promise<number>;
}

/** Of the progress of a delivery: a later attempt goes on with the request that an earlier one has begun. */
interface Progress {
  /** A ticket may have been created. */
  readonly begun?: unknown;
  /** Tokens of uploaded files had expired: the ticket is created without files, which a note then brings. */
  readonly filesLater?: unknown;
  /** Tokens, by the place of the file. */
  readonly [upload: `upload.${number}`]: unknown;
  /** True for a file that Zendesk refuses. */
  readonly [refused: `refused.${number}`]: unknown;
}

/** Zendesk knows an Idempotency-Key for two hours. */
const YOUNG_MS = 3600_000;

/** Zendesk archives tickets that have been closed for 120 days, sooner in accounts with many, and after three days in sandboxes. */
const ARCHIVED_AFTER_MS = 3 * 24 * 3600_000;

/** Writes a ticket once, however often it is tried. */
export async function writeTicket(order: Order): Promise<Receipt> {
  const { request, event, api } = order;
  const { deliveryId: key, tries } = request;
  const draft = composeTicket(event, request.account.config);
  let progress: Progress = request.progress;
  const save = async (done: Progress & Record<string, unknown>): Promise<void> => {
    progress = { ...progress, ...done };
    await request.saveProgress(done);
  };
  const loadFiles = async (): Promise<NewFile[]> =>
    filesOf(event.type === 'OfflineMessage.Submit' ? await request.loadAttachments() : [], draft.wholeText);

  let filesRefused = 0;

  async function create(): Promise<FoundTicket> {
    const authorId = await order.findAuthor();
    const files = progress.filesLater === true ? [] : await loadFiles();
    const { tokens, refused, areOld } = await uploadOnce(api, files, progress, save);
    filesRefused = refused.length;
    if (progress.begun !== true) await save({ begun: true });
    try {
      return await createOnce(api, draft.ticketWith({ key, authorId, uploads: tokens, refused }), key);
    } catch (error) {
      // The same again would be refused for ever. Another mistake in it is refused once more.
      const isMaybeExpired = error instanceof ZendeskRefusal && error.status === 422 && areOld;
      if (!isMaybeExpired) throw error;
      await save({ filesLater: true });
      return await createOnce(api, draft.ticketWith({ key, authorId, uploads: [], refused: [] }), key);
    }
  }

  // A database that was restored from a backup knows of no attempt; Zendesk recognises a ticket that is so young by itself.
  const age = Date.now() - Date.parse(event.receivedAt);
  const isYoung = age >= 0 && age < YOUNG_MS;
  const mayBeThere = tries > 0 || progress.begun === true || !isYoung;
  const mayBeArchived = mayBeThere && !(age >= 0 && age < ARCHIVED_AFTER_MS);
  const listed = mayBeThere ? await api.findTicket(key) : null;
  const found = listed ?? (mayBeArchived ? await api.findArchivedTicket(key) : null);
  const ticket = found ?? (await create());
  if (progress.filesLater === true) filesRefused = await attachLater(api, ticket.id, await loadFiles());
  const id = String(ticket.id);
  const isKnown = ticket.lookup === 'hit' || ticket.lookup === 'miss';
  return {
    ids: { ticket: id },
    urls: { ticket: `${api.origin}/agent/tickets/${id}` },
    ...(found !== null && { found: true }),
    ...(draft.leftOut.length > 0 && { leftOut: draft.leftOut }),
    ...(filesRefused > 0 && { filesRefused }),
    ...(isKnown && { lookup: ticket.lookup }),
  };
}

/**
 * Uploads the files that no earlier attempt has uploaded; the result of each is saved at once, so that the ticket stays the same.
 *
 * @returns also the names of the files that are refused
 */
async function uploadOnce(
  api: Api,
  files: readonly NewFile[],
  before: Progress,
  save: (done: Record<string, unknown>) => Promise<void>,
): Promise<{ tokens: string[]; refused: string[]; areOld: boolean }> {
  const tokens: string[] = [];
  const refused: string[] = [];
  let areOld = false;
  for (const [i, file] of files.entries()) {
    const old = before[`upload.${i}`];
    areOld ||= typeof old === 'string';
    const wasRefused = before[`refused.${i}`] === true;
    const token = typeof old === 'string' ? old : wasRefused ? null : await uploadUnlessRefused(api, file);
    if (token === null) {
      if (!wasRefused) await save({ [`refused.${i}`]: true });
      refused.push(file.name);
      continue;
    }
    if (token !== old) await save({ [`upload.${i}`]: token });
    tokens.push(token);
  }
  return { tokens, refused, areOld };
}

/** @returns null where Zendesk refuses the file, such as one of a type that the account does not allow */
async function uploadUnlessRefused(api: Api, file: NewFile): Promise<string | null> {
  try {
    return await api.upload(file);
  } catch (error) {
    if (!(error instanceof ZendeskRefusal)) throw error;
    // A user who is an agent, and may sign in from here, is kept from this file only.
    if (error.isOfUser) await api.me();
    if (error.isOfUser || error.type === 'Rejected') return null;
    throw error;
  }
}

/** @throws DeliveryFailure; where Zendesk says that the key was used for something else, unless there is that ticket */
async function createOnce(api: Api, ticket: NewTicket, key: string): Promise<FoundTicket> {
  try {
    return await api.createTicket(ticket, key);
  } catch (error) {
    if (!(error instanceof ZendeskRefusal && error.isKeyReused)) throw error;
    const found = await api.findTicket(key);
    if (found === null) throw error;
    return found;
  }
}

/** Adds the files that the ticket has not got yet. @returns how many are refused */
async function attachLater(api: Api, id: number, files: readonly NewFile[]): Promise<number> {
  const there = await api.fileNames(id);
  const tokens: string[] = [];
  const refused: string[] = [];
  for (const file of files.filter(({ name }) => !there.includes(name))) {
    const token = await uploadUnlessRefused(api, file);
    if (token === null) refused.push(file.name);
    else tokens.push(token);
  }
  const text = `The files of this ticket, which could not be attached at first.${describeRefused(refused)}`;
  if (tokens.length + refused.length > 0) await api.addNote(id, text, tokens);
  return refused.length;
}
