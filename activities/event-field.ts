import { z } from 'zod';
import type { ChatEvent } from '../events/catalogue';
import { trimBlanks } from '../events/kinds/blanks';

/** Where a value of a record at a destination comes from: a fixed text, or a field of the event. */
export const fieldSource = z.union([
  z.strictObject({ value: z.string().max(10_000) }),
  z.strictObject({ from: z.string().regex(/^[A-Za-z]+(\..{1,200})?$/, 'expected a field such as contact.company') }),
]);

/** Field at the destination -> where its value comes from. */
export const fieldMapping = z.record(z.string().min(1).max(200), fieldSource);

/**
 * The text of a source: of a field in the event's internal form by its path ("contact.company"), of a custom field or
 * variable by its name ("customFields.Order number"); null when the event has none.
 */
export function readSource(event: ChatEvent, source: z.infer<typeof fieldSource>): string | null {
  if ('value' in source) return source.value;
  const [first = '', ...rest] = source.from.split('.');
  if (first === 'customFields' || first === 'customVariables') {
    const data: object = event.type === 'Chat.Ended' ? event.data.chat : event.data;
    const list = (data as Record<string, unknown>)[first];
    const name = trimBlanks(rest.join('.')); // names in events are trimmed, too
    const found = Array.isArray(list) ? list.find((one: { name?: unknown }) => one.name === name) : undefined;
    return asText((found as { value?: unknown } | undefined)?.value);
  }
  return asText([first, ...rest].reduce<unknown>(step, event.data));
}

const step = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;

function asText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(asText).filter(Boolean).join(', ') || null;
  return null;
}
