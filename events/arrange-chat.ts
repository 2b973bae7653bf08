import { isObject } from './kinds/json';

type Data = Readonly<Record<string, unknown>>;

const PARTS = ['Visitor', 'Salesforce'] as const;

/**
 * The seed gives Chat.Ended three classes and no envelope. Accepted are `{ Chat, Visitor, Salesforce }`,
 * `{ Chat: { ..., Visitor, Salesforce } }`, and the fields of Chat alone or with `Visitor` and `Salesforce` among them.
 */
export function arrangeChat(data: Data): Data {
  const chatKey = spellingOf(data, 'Chat');
  const nested = chatKey === undefined ? data : data[chatKey];
  if (!isObject(nested)) return data;
  const lifted = PARTS.flatMap((part) => spellingOf(nested, part) ?? []).filter(
    (inner) => nested === data || spellingOf(data, inner) === undefined,
  );
  if (nested !== data && lifted.length === 0) return data;
  return {
    ...(nested === data ? {} : data),
    ...Object.fromEntries(lifted.map((inner) => [inner, nested[inner]])),
    [chatKey ?? 'Chat']: Object.fromEntries(Object.entries(nested).filter(([key]) => !lifted.includes(key))),
  };
}

/** How the data spell the name of a value that is there; exact spelling first. */
function spellingOf(data: Data, name: string): string | undefined {
  if (isThere(data[name])) return name;
  const wanted = name.toLowerCase();
  return Object.keys(data).find((key) => key.toLowerCase() === wanted && isThere(data[key]));
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined;
}
