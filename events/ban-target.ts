import { z } from 'zod';
import { choice } from './kinds/choice';
import { field, PERSONAL } from './kinds/field';
import type { Block } from './kinds/kind';
import { required } from './kinds/kind';
import { id, idOrZero } from './kinds/texts';
import { canonicalInteger } from './kinds/whole-numbers';

const ip = z.union([z.ipv4(), z.ipv6()]);

const schema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('visitor'), visitorId: z.string().min(1).nullable().describe('The visitor') }),
  z.strictObject({ kind: z.literal('ip'), ip: ip.nullable().describe('The address') }),
  z.strictObject({
    kind: z.literal('ipRange'),
    from: ip.nullable().describe('First address'),
    to: ip.nullable().describe('Last address'),
  }),
  z.strictObject({
    kind: z.literal('unknown'),
    banType: z.templateLiteral(['unknown(', z.string(), ')']).nullable().describe('The kind as sent'),
    from: z.string().nullable().describe('As sent'),
    to: z.string().nullable().describe('As sent'),
  }),
]);
type Target = z.infer<typeof schema>;

const banType = choice({ 0: 'visitorId', 1: 'ip', 2: 'ipRange' }, { visitor: 'visitorId', ipArrange: 'ipRange' });

type Parts = {
  readonly banType: z.infer<typeof banType.schema>;
  readonly from: string | null;
  readonly to: string | null;
};

/**
 * `BanType` says whether the two longs are a visitor, an address, or a range. An IPv4 address is the number of its four
 * bytes, first byte highest; addresses as text, IPv6 too, and visitors as GUID are accepted where the long is.
 */
export const banTarget = {
  label:
    '`{ kind: visitor, visitorId }`, `{ kind: ip, ip }`, `{ kind: ipRange, from, to }` or `{ kind: unknown, ... }`',
  schema,
  fields: {
    banType: field('BanType', required(banType), 'Which it is'),
    from: field(
      ['IpFromOrVisitorId', 'IpFrom', 'Ip', 'VisitorId'],
      required(idOrZero),
      'The visitor, the address, or the first address',
      { id: 'visitor', personal: true },
    ),
    to: field('IpTo', id, 'The last address', PERSONAL),
  },
  assemble(parts, refuse): Target {
    // Exactly the fields above.
    const { banType, from, to } = parts as Parts;
    const address = (value: string | null, name: string) => {
      const read = value === null ? null : readIp(value);
      if (read === undefined) refuse(name, 'expected an IP address, as text or as the number of an IPv4 address');
      return read ?? null;
    };
    if (banType === 'visitorId') return { kind: 'visitor', visitorId: from };
    if (banType === 'ip') return { kind: 'ip', ip: address(from, 'IpFromOrVisitorId') };
    if (banType === 'ipRange') {
      return { kind: 'ipRange', from: address(from, 'IpFromOrVisitorId'), to: address(to, 'IpTo') };
    }
    return { kind: 'unknown', banType, from, to };
  },
  takeApart(target): Parts {
    switch (target.kind) {
      case 'visitor':
        return { banType: 'visitorId', from: target.visitorId, to: null };
      case 'ip':
        return { banType: 'ip', from: target.ip, to: null };
      case 'ipRange':
        return { banType: 'ipRange', from: target.from, to: target.to };
      case 'unknown':
        return { banType: target.banType, from: target.from, to: target.to };
    }
  },
} satisfies Block<typeof schema>;

function readIp(value: string): string | undefined {
  const digits = canonicalInteger(value);
  if (digits === undefined) return ip.safeParse(value).success ? value : undefined;
  const number = Number(digits);
  // A server that keeps the four bytes in an int sends half of all addresses as negative numbers.
  if (!(number >= -(2 ** 31) && number < 2 ** 32)) return undefined;
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}
