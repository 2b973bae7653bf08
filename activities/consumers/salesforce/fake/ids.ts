const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Ids in the organisation besides the records that the fake keeps. */
export const example = {
  organizationId: withSuffix('00DQy0000000001'),
  /** The user of the API. */
  userId: withSuffix('005Qy0000000001'),
  /** The author of records that the user of the API has not made. */
  agentId: withSuffix('005Qy0000000002'),
  queueId: withSuffix('00GQy0000000001'),
  accountId: withSuffix('001Qy0000000001'),
  recordTypeId: withSuffix('012Qy0000000001'),
} as const;

/** An id of 18 characters; the same number makes the same id. */
export function makeId(keyPrefix: string, number: number): string {
  let [text, rest] = ['', number];
  for (; rest > 0; rest = Math.floor(rest / 62)) text = BASE_62.charAt(rest % 62) + text;
  return withSuffix(`${keyPrefix}Qy0${text.padStart(9, '0')}`);
}

/** 15 characters tell cases apart; the suffix of three says which of them are capitals. */
function withSuffix(id: string): string {
  const chunks = [id.slice(0, 5), id.slice(5, 10), id.slice(10, 15)];
  const suffixOf = (chunk: string): string => {
    const bits = Array.from(chunk, (char, index): number => (/[A-Z]/.test(char) ? 2 ** index : 0));
    return SUFFIX_ALPHABET.charAt(bits.reduce((sum, bit) => sum + bit, 0));
  };
  return id + chunks.map(suffixOf).join('');
}

/** The id in its form of 18 characters; undefined where it cannot be one. As in Salesforce, a suffix repairs the cases. */
export function readId(text: string): string | undefined {
  if (/^[A-Za-z0-9]{15}$/.test(text)) return withSuffix(text);
  if (!/^[A-Za-z0-9]{15}[A-Za-z0-5]{3}$/.test(text)) return undefined;
  const chars = Array.from(text.slice(0, 15), (char, index) => {
    const bits = SUFFIX_ALPHABET.indexOf(text.charAt(15 + Math.floor(index / 5)).toUpperCase());
    return (bits >> (index % 5)) & 1 ? char.toUpperCase() : char.toLowerCase();
  });
  const id = withSuffix(chars.join(''));
  return id.slice(15) === text.slice(15).toUpperCase() ? id : undefined;
}
