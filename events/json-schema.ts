import { z } from 'zod';
import { catalogue, type EventType } from './catalogue';

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
