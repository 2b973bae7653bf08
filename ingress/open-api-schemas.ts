import { catalogue } from '../events/catalogue';
import type { Schema } from '../events/wire-schema';
import { problemTypes } from './problem';

const text = (description: string): Schema => ({ type: 'string', description });

const receipt: Schema = {
  description: 'The receipt of an event that the publisher has accepted',
  type: 'object',
  required: ['id', 'key', 'workflowId', 'acceptedBy', 'duplicate', 'unknownFields'],
  properties: {
    id: text('Of the event'),
    key: text('`{type}/{siteId}/{id}`, by which an operator finds the event'),
    workflowId: text('The key: the id of the workflow that begins with the event'),
    acceptedBy: text('`journal`'),
    duplicate: { type: 'boolean', description: 'With a journal false' },
    unknownFields: {
      description: 'Where the data have keys that no field has; they are kept',
      type: 'array',
      items: { type: 'string' },
    },
  },
};

/** Of a request with several events. */
const counts = {
  accepted: { type: 'integer', description: 'How many of the events are accepted' },
  refused: { type: 'integer', description: 'How many are not' },
  results: {
    description: 'Of each event, in the order of the request: its receipt with `status` 202, or its problem',
    type: 'array',
    items: { type: 'object', required: ['status'], properties: { status: { type: 'integer' } } },
  },
};

const problem: Schema = {
  description: 'The mistake: problem details of RFC 9457',
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { enum: Object.keys(problemTypes).map((name) => `urn:chat-events:${name}`) },
    title: text('The mistake of every such request'),
    status: { type: 'integer', description: 'The HTTP status' },
    detail: text('What happened, to what, and what to do'),
    id: text('Of the event, where it is known'),
    key: text('Of the event, where it is known'),
    mayBeAccepted: {
      const: true,
      description: 'The event may be accepted all the same. It is safe to publish it again under the same id.',
    },
    problems: {
      description: 'Every value that is wrong',
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'problem'],
        properties: {
          path: text('Such as `data.Chat.Start`'),
          problem: text('The value that was expected; never the one that was sent'),
        },
      },
    },
    ...counts,
  },
};

const eventType: Schema = { enum: Object.keys(catalogue), description: 'The exact name of the event' };
const siteId: Schema = { type: ['string', 'integer'], description: 'The site, where the data do not name it' };

const envelope: Schema = {
  description: 'An event that names its type',
  type: 'object',
  required: ['type', 'data'],
  properties: {
    type: eventType,
    data: { type: 'object', description: 'As in the body of `/v1/events/{type}`' },
    id: { type: ['string', 'integer'], description: 'As the header `Idempotency-Key`' },
    siteId,
    receivedAt: text('When the chat server had it, ISO 8601; default: now'),
  },
  additionalProperties: false,
};

const cloudEvent: Schema = {
  description: 'An event as CloudEvents 1.0 have it',
  type: 'object',
  required: ['specversion', 'id', 'source', 'type', 'data'],
  properties: {
    specversion: { const: '1.0' },
    id: text('The id of the event'),
    source: text('The chat server'),
    type: eventType,
    time: text('When the chat server had it'),
    siteid: siteId,
    datacontenttype: { const: 'application/json' },
    data: { type: 'object', description: 'As in the body of `/v1/events/{type}`' },
  },
};

/** The schemas that are no event's, by name. */
export const ingressSchemas = {
  Receipt: receipt,
  Results: {
    description: 'The results of several events',
    type: 'object',
    required: ['accepted', 'refused', 'results'],
    properties: counts,
  },
  Problem: problem,
  Envelope: envelope,
  CloudEvent: cloudEvent,
} satisfies Readonly<Record<string, Schema>>;
