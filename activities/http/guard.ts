import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';
import { DeliveryFailure } from '../failures';
import { readRange } from './address-range';
import type { OnAnswer } from './exchange';
import { createHostResolver, type HostResolver } from './dns/host-resolver';

/** Thrown at connect time for an address that a site's endpoint may not have. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
  readonly code = 'FORBIDDEN_ADDRESS';
}

export interface GuardOptions {
  /** Addresses or ranges (CIDR) that may be called although they are not public, also by http and on any port. */
  readonly allowedAddresses: readonly string[];
  /** Default: one of its own, by the name servers of this machine. */
  readonly resolver?: HostResolver;
  /** Called with every answer that was read whole. */
  readonly onAnswer?: OnAnswer | undefined;
}

/** An agent that checks addresses, and tells its resolver for which hosts requests wait. */
export type GuardedAgent = Agent & {
  readonly resolver: HostResolver;
  readonly onAnswer?: OnAnswer | undefined;
  /** Checks without a name server. @throws DeliveryFailure InvalidConfig for an address that it never calls */
  judge(url: string, destination: string): void;
};

const PORTS = ['', '443', '8443'];
const isUsualUrl = ({ protocol, port }: { readonly protocol: string; readonly port: string }): boolean =>
  protocol === 'https:' && PORTS.includes(port);
const withoutBrackets = (host: string): string => host.replace(/^\[|\]$/g, '');
const CONNECT_WITHIN_MS = 10_000;

/**
 * Checks a destination: a public address by the usual scheme and port, or an allowed address. A host name may have any address, so
 * it is refused only if every address would be; its address is checked when it is connected.
 *
 * @param usual describes the usual scheme and ports for messages
 * @returns a check that throws ForbiddenAddress; `isUsual` = by the usual scheme, on a usual port
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
 * An undici Agent that connects only to public addresses, by https and on the ports 443 and 8443, and to allowed addresses. It
 * checks the very address of the connection, so that a name that changes its address, or an odd spelling, does not pass.
 *
 * @param certificate of the client with its key, in PEM, for mutual TLS. Default: none
 */
export function createGuardedAgent(
  { allowedAddresses, resolver = createHostResolver(), onAnswer }: GuardOptions,
  certificate: { readonly cert?: string; readonly key?: string } = {},
): GuardedAgent {
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
      buildConnector({
        ...certificate,
        timeout: CONNECT_WITHIN_MS,
        lookup: guarded(isUsual),
        autoSelectFamily: true,
        allowH2: false,
      }),
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

/** Runs a check. @throws DeliveryFailure when it refuses */
export function judged(destination: string, judge: () => void): void {
  try {
    judge();
  } catch (error) {
    throw error instanceof ForbiddenAddress ? forbidden(destination, error) : error;
  }
}

/** @param destination begins the message, such as `The endpoint` */
export function forbidden(destination: string, { message: why, code }: ForbiddenAddress): DeliveryFailure {
  const message = `${destination} is not called: ${why} Correct its address, or allow it by ALLOWED_ADDRESSES.`;
  return new DeliveryFailure('InvalidConfig', message, { details: { code } });
}

/** In IPv6, ipaddr.js's `unicast` includes old forms that lead to IPv4; only 2000::/3 is in use. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST);
}

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
