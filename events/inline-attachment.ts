import { createHash } from 'node:crypto';
import { z } from 'zod';
import { field, PERSONAL } from './kinds/field';
import { isObject } from './kinds/json';
import { nullable, type Block } from './kinds/kind';
import { entry } from './kinds/texts';

const schema = z.array(
  z.strictObject({
    name: z.string().min(1).nullable().describe('File name'),
    size: z.int().nonnegative().describe('Bytes'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('SHA-256 of the bytes, hexadecimal'),
    content: z.base64().nullable().describe('The bytes in base64; null once they are kept apart from the event'),
  }),
);

/** The seed's `byte[]`: base64 as .NET writes it, or a list of numbers as other serialisers do, also as Node's `Buffer` has it. */
const bytes = nullable({
  label: 'bytes in base64',
  wire: 'Bytes',
  schema: z.base64(),
  expected: 'expected bytes in base64 or as a list of numbers',
  read(value) {
    if (typeof value !== 'string') {
      const bytes = bytesOf(value);
      return bytes?.length === 0 ? null : bytes?.toString('base64');
    }
    const content = Buffer.from(value, 'base64').toString('base64');
    const compact = isSame(content, value) ? value : value.replace(/\s+/g, '');
    if (compact === '') return null;
    return isSame(content, compact) ? content : undefined;
  },
});

/** Java's bytes have a sign. */
function bytesOf(value: unknown): Buffer | undefined {
  const list: unknown = isObject(value) && value['type'] === 'Buffer' ? value['data'] : value;
  const isBytes = (item: unknown): item is number =>
    typeof item === 'number' && Number.isInteger(item) && item >= -128 && item <= 255;
  return Array.isArray(list) && list.every(isBytes) ? Buffer.from(list) : undefined;
}

type Parts = {
  readonly name: string | null;
  readonly content: string | null;
};

/** `AttachmentName` and `AttachmentContent`: the one file of an offline message, as a list like everywhere else. */
export const inlineAttachment = {
  label: 'list of `{ name, size, sha256, content }`',
  schema,
  fields: {
    name: field('AttachmentName', entry, 'File name', PERSONAL),
    content: field(
      'AttachmentContent',
      bytes,
      'The bytes in base64; kept apart from the event when it is recorded',
      PERSONAL,
    ),
  },
  assemble(parts) {
    // Exactly the fields above.
    const { name, content } = parts as Parts;
    if (name === null && content === null) return [];
    const file = Buffer.from(content ?? '', 'base64');
    return [{ name, size: file.length, sha256: createHash('sha256').update(file).digest('hex'), content }];
  },
  takeApart: ([attachment]) => ({ name: attachment?.name ?? null, content: attachment?.content ?? null }),
} satisfies Block<typeof schema>;

/**
 * Whether `given` is the base64 of the decoded bytes, but for its padding and the bits that the last digit has to spare. Compared
 * as whole texts: a regular expression over 15 MiB has run out of stack.
 */
function isSame(content: string, given: string): boolean {
  if (content === '') return given === '';
  const digits = withoutPadding(content);
  const last = digits.length - 1;
  return (
    withoutPadding(given).length === digits.length &&
    given.slice(0, last) === digits.slice(0, last) &&
    /[A-Za-z0-9+/]/.test(given.charAt(last))
  );
}

function withoutPadding(base64: string): string {
  return base64.endsWith('==') ? base64.slice(0, -2) : base64.endsWith('=') ? base64.slice(0, -1) : base64;
}
