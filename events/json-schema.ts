import { z } from 'zod';
import { catalogue, type EventType } from './catalogue';
import type { EventDefinition } from './define-event';
import { type Schema, WireSchemas } from './wire-schema';

/** One schema for every event in internal form, the data of each type under its name. */
export function jsonSchemas(io: 'input' | 'output' = 'output'): z.core.JSONSchema.BaseSchema {
  const events = Object.entries(catalogue).map(([type, { about, data }]) =>
    z.strictObject({
      id: z.string().describe('Given by the publisher, else natural, else minted'),
      type: z.literal(type as EventType),
      siteId: z.string().describe('The site'),
      receivedAt: z.iso.datetime({ precision: 3 }).describe('When the publisher took it'),
      data: data.meta({ id: type, description: about }),
    }),
  );
  // A union of one event or more.
  const event = z.discriminatedUnion('type', events as unknown as [(typeof events)[number]]);
  return z.toJSONSchema(event.meta({ title: 'Chat event, internal form' }), { io });
}

/** One schema for every event as a publisher gives it: `{ type, data, id?, siteId?, receivedAt? }`, the data as the chat server spells them. */
export function wireJsonSchema(): Schema {
  const schemas = new WireSchemas((name) => ({ $ref: `#/$defs/${name}` }));
  const events = Object.values(catalogue).map((event: EventDefinition) => ({
    type: 'object',
    description: event.about,
    required: ['type', 'data'],
    properties: {
      type: { const: event.type },
      id: {
        $ref: '#/$defs/Id',
        description: event.naturalId
          ? 'Default: the id of the chat'
          : 'Give one: without it each publish is a new event',
      },
      siteId: { $ref: '#/$defs/Id', description: 'Default: the site that the data name' },
      receivedAt: { $ref: '#/$defs/Time', description: 'Default: now' },
      data: schemas.add(event),
    },
  }));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Chat event, wire form',
    description:
      'As a publisher gives it. Not said here: names of data are read in any case, and more forms of a value are read, such as a number for a text.',
    oneOf: events,
    $defs: schemas.definitions,
  };
}
