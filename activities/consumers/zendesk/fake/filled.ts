import type { FakeAnswer, FakeRequest } from '../../../http/fake';
import { fillAnswer, fillShape, type AnswerShape } from '../../../http/fake/fill-answer';
import { LIGHT_AGENT, settings, type FakeTicket, type FakeUser } from '../fake-state';
import { answers, parts } from './answers';

export const refuseStranger = ({ path }: FakeRequest): FakeAnswer =>
  fillAnswer(path.endsWith('/users/me.json') ? answers.anonymous : answers.stranger);

export const refuseSignIn = (error: string): FakeAnswer => fillAnswer(answers.signInRefused, { error });

export const me = ({ id, name, email, role, role_type: type }: FakeUser): FakeAnswer =>
  fillAnswer(answers.me, { id, name, email, role, roleType: type ?? null, isLight: type === LIGHT_AGENT });

/** Records that the configuration of a connection may name. */
const records: Readonly<Record<string, readonly [AnswerShape, readonly number[]]>> = {
  groups: [answers.group, settings.groupIds],
  brands: [answers.brand, settings.brandIds],
  ticket_forms: [answers.form, settings.ticketFormIds],
};

/** @returns undefined where there is none of that id */
export function single(kind: string, id: string | undefined): FakeAnswer | undefined {
  const [answer, ids] = records[kind] ?? [];
  return answer !== undefined && ids?.some((one) => String(one) === id)
    ? fillAnswer(answer, { id: Number(id) })
    : undefined;
}

export const listed = (name: 'tickets' | 'comments' | 'ticket_fields', all: readonly unknown[]): FakeAnswer =>
  fillAnswer(name === 'ticket_fields' ? answers.fields : answers[name], { [name]: all, count: all.length });

/** A ticket as it is answered: its first comment is its description. */
export const shown = ({ comments, isArchived, ...ticket }: FakeTicket): unknown =>
  fillShape(parts.ticket, {
    id: ticket.id,
    externalId: ticket.external_id,
    subject: ticket.subject,
    description: comments[0]?.body ?? '',
    priority: ticket.priority,
    status: isArchived ? 'closed' : 'new',
    isArchived,
    requester: ticket.requester_id,
    submitter: ticket.submitter_id,
    group: ticket.group_id,
    isPublic: comments.some((one) => one.public),
    tags: ticket.tags,
    fields: ticket.custom_fields,
    form: ticket.ticket_form_id,
    brand: ticket.brand_id,
  });

export const invalid = (fields: readonly string[]): FakeAnswer =>
  fillAnswer(answers.invalid, {
    details: Object.fromEntries(fields.map((field) => [field, fillShape(parts.problem, { field })])),
  });

export function rateLimited(seconds: number | string): FakeAnswer {
  const answer = fillAnswer(answers.rateLimited);
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(seconds) } };
}
