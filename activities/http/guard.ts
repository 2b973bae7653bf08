import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';
import { DeliveryFailure } from '../failures';
import type { OnAnswer } from './exchange';
import { createHostResolver, type HostResolver } from './dns/host-resolver';

/** Thrown at connect time for an address that a site's endpoint must not lead to. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
  readonly code = 'FORBIDDEN_ADDRESS';
}

export interface GuardOptions {
  /** Addresses or ranges (CIDR) that may be called although they are not public, by http and on any port, too. */
  readonly allowedAddresses: readonly string[];
  /** Default: one of its own, by the name servers of this machine. */
  readonly resolver?: HostResolver;
  /** Told of every answer that was read whole. */
  readonly onAnswer?: OnAnswer | undefined;
}

/** Calls what it may, and says to its resolver for which hosts sends wait. */
export type GuardedAgent = Agent & {
  readonly resolver: HostResolver;
  readonly onAnswer?: OnAnswer | undefined;
  /** @throws DeliveryFailure InvalidConfig for an address that it never calls, as far as no name server is needed to know it */
  judge(url: string, destination: string): void;
};

const PORTS = ['', '443', '8443'];
const isUsualUrl = ({ protocol, port }: { readonly protocol: string; readonly port: string }): boolean =>
  protocol === 'https:' && PORTS.includes(port);
const withoutBrackets = (host: string): string => host.replace(/^\[|\]$/g, '');
const CONNECT_WITHIN_MS = 10_000;

/**
 * Judges where something goes: to a public address in the usual way, or to one that is allowed. A name may lead to any address, so it
 * is refused only where every one would be; what it leads to is judged when it is dialled.
 *
 * @returns throws ForbiddenAddress; `isUsual` = by the usual scheme, on a usual port
 * @param usual says to people what the usual way is
 */
export function createJudge(allowedAddresses: readonly string[], usual: string) {
  const allowed = allowedAddresses.map(readRange);
  return (host: string, isUsual: boolean): void => {
    if (!ipaddr.isValid(host)) {
      if (isUsual || allowed.length > 0) return;
      throw new ForbiddenAddress(usual);
    }
    const address = ipaddr.process(host);
    const isAllowed = allowed.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
    if (isAllowed || (isUsual && isPublic(address))) return;
    throw new ForbiddenAddress(isUsual ? 'The address is not public.' : usual);
  };
}

/**
 * An undici Agent that connects to public addresses only, by https and on the ports 443 and 8443, and to what is allowed. It
 * judges the very address that is dialled, so that neither a name that changes its address nor an odd spelling of one gets by.
 */
export function createGuardedAgent({
  allowedAddresses,
  resolver = createHostResolver(),
  onAnswer,
}: GuardOptions): GuardedAgent {
  const judge = createJudge(allowedAddresses, 'Only https on the ports 443 and 8443.');
  const guarded = (isUsual: boolean): LookupFunction =>
    callbackify(async (host: string, _options: unknown): Promise<LookupAddress[]> => {
      const addresses = await resolver.resolve(host);
      for (const { address } of addresses) judge(address, isUsual);
      return addresses; // autoSelectFamily asks for all
    });
  const connectors = new Map(
    [true, false].map((isUsual) => [
      isUsual,
      buildConnector({ timeout: CONNECT_WITHIN_MS, lookup: guarded(isUsual), autoSelectFamily: true, allowH2: false }),
    ]),
  );
  const agent = new Agent({
    connections: 20,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    connect(options, done) {
      const isUsual = isUsualUrl(options);
      try {
        judge(withoutBrackets(options.hostname), isUsual); // an address is never looked up
      } catch (reason) {
        return done(reason as Error, null); // judge throws nothing but errors
      }
      connectors.get(isUsual)?.(options, done);
    },
  });
  return Object.assign(agent, {
    resolver,
    onAnswer,
    judge: (text: string, destination: string): void => {
      const url = new URL(text);
      judged(destination, () => judge(withoutBrackets(url.hostname), isUsualUrl(url)));
    },
  });
}

/** Runs a judge. @throws DeliveryFailure for what it refuses */
export function judged(destination: string, judge: () => void): void {
  try {
    judge();
  } catch (error) {
    throw error instanceof ForbiddenAddress ? forbidden(destination, error) : error;
  }
}

/** @param destination at the beginning of a sentence, such as `The endpoint` */
export function forbidden(destination: string, { message: why, code }: ForbiddenAddress): DeliveryFailure {
  const message = `${destination} is not called: ${why} Correct its address, or allow it by ALLOWED_ADDRESSES.`;
  return new DeliveryFailure('InvalidConfig', message, { details: { code } });
}

/** What ipaddr.js calls unicast has, of IPv6, old forms that lead to IPv4: only 2000::/3 is in use. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST);
}

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Of IPv4 in IPv6 form, the IPv4 range, as addresses are judged. @throws Error that names an entry which is no address and no range */
export function readRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  try {
    if (text.includes('/')) {
      const [base, bits] = ipaddr.parseCIDR(text);
      const isMapped = base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && bits >= 96;
      return isMapped ? [base.toIPv4Address(), bits - 96] : [base, bits];
    }
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    throw new Error(`${text} is neither an IP address nor a range such as 10.0.0.0/8.`);
  }
}
