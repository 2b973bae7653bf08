import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';

/** Thrown at connect time for an address that a site's endpoint must not lead to. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
  readonly code = 'FORBIDDEN_ADDRESS';
}

/** All addresses of a host, as node:dns answers with `all: true`. */
export type LookupAll = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface GuardOptions {
  /** Addresses or ranges (CIDR) that may be called although they are not public, by http and on any port, too. */
  readonly allowedAddresses: readonly string[];
  /** Longest answer that is read, in bytes. Default: 64 KiB. */
  readonly maxResponseBytes?: number;
  /** For tests. Default: the system's. */
  readonly lookup?: LookupAll;
}

const PORTS = ['', '443', '8443'];
const CONNECT_WITHIN_MS = 10_000;

/**
 * An undici Agent that connects to public addresses only, by https and on the ports 443 and 8443, and to what is allowed. It
 * judges the very address that is dialled, so that neither a name that changes its address nor an odd spelling of one gets by.
 */
export function createGuardedAgent({
  allowedAddresses,
  maxResponseBytes = 64 * 1024,
  lookup = systemLookup,
}: GuardOptions): Agent {
  const allowed = allowedAddresses.map(readRange);
  const isAllowed = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
    allowed.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
  /** @param isUsual https on a usual port; anything else needs an address that is allowed */
  const judge = (host: string, isUsual: boolean): void => {
    const address = ipaddr.process(host);
    if (isAllowed(address) || (isUsual && isPublic(address))) return;
    throw new ForbiddenAddress(isUsual ? 'The address is not public.' : 'Only https on the ports 443 and 8443.');
  };
  const guarded =
    (isUsual: boolean): LookupFunction =>
    (host, options, done) => {
      lookup(host, { ...options, all: true }, (error, addresses) => {
        try {
          if (error) throw error;
          for (const { address } of addresses) judge(address, isUsual);
          const [first] = addresses;
          if (first === undefined) throw new ForbiddenAddress('The host has no address.');
          if (options.all) done(null, addresses);
          else done(null, first.address, first.family);
        } catch (reason) {
          done(reason as NodeJS.ErrnoException, []); // lookup and judge throw nothing but errors
        }
      });
    };
  const connectors = new Map(
    [true, false].map((isUsual) => [
      isUsual,
      buildConnector({ timeout: CONNECT_WITHIN_MS, lookup: guarded(isUsual), allowH2: false }),
    ]),
  );
  return new Agent({
    connections: 20,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    maxResponseSize: maxResponseBytes,
    connect(options, done) {
      const host = options.hostname.replace(/^\[|\]$/g, '');
      const isUsual = options.protocol === 'https:' && PORTS.includes(options.port);
      try {
        if (isIP(host) !== 0) judge(host, isUsual); // an address is never looked up
      } catch (reason) {
        return done(reason as Error, null); // judge throws nothing but errors
      }
      connectors.get(isUsual)?.(options, done);
    },
  });
}

/** What ipaddr.js calls unicast has, of IPv6, old forms that lead to IPv4: only 2000::/3 is in use. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST);
}

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** @throws Error that names an entry which is no address and no range */
export function readRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    throw new Error(`${text} is neither an IP address nor a range such as 10.0.0.0/8.`);
  }
}
