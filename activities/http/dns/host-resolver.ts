import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { promises as dns, type LookupAddress } from 'node:dns';
import { setTimeout as delay } from 'node:timers/promises';
import { readHosts, searchedNames } from './name-files';

/** The site of the send under way: vendors' clients are between the caller, who knows it, and the look-up. */
export const sendingSite = new AsyncLocalStorage<string>();

export interface HostResolverOptions {
  /** Name servers, as address or address:port. Default: those of resolv.conf. */
  readonly servers?: readonly string[];
  /** Longest time for all questions about one host, in milliseconds. Default: 5,000. */
  readonly deadlineMs?: number;
  /** Default: /etc/hosts. */
  readonly hostsFile?: string;
  /** Its `search`, `domain` and `ndots` are used. Default: /etc/resolv.conf. */
  readonly resolvFile?: string;
}

export interface HostResolver {
  /** All addresses of a host. @throws an error with a code of node:dns, such as ENOTFOUND, or TOO_MANY_LOOK_UPS */
  resolve(host: string): Promise<LookupAddress[]>;
  /** Notes that a send waits for the host; the look-up ends with the last one. @returns a function to call when it no longer waits */
  hold(host: string): () => void;
}

interface LookUp {
  readonly site: string | undefined;
  readonly answer: Promise<LookupAddress[]>;
  end(code: string): void;
}

/** Wait before the next name server is asked. */
const QUERY_WITHIN_MS = 1_500;
const TRIES = 2;
/** Once IPv4 addresses are known, IPv6 ones are awaited for this long (RFC 8305, resolution delay). */
const RESOLUTION_DELAY_MS = 50;
/** Hosts that are looked up for one site at the same time. */
const MOST_OF_A_SITE = 10;

/**
 * Looks up the hosts that sites enter, in the hosts file and then by DNS. The system's getaddrinfo would hold one of few threads
 * until its name server answers, even if the send has ended.
 * One look-up serves all requests for its host meanwhile; it is not remembered afterwards.
 */
export function createHostResolver({
  servers,
  deadlineMs = 5_000,
  hostsFile = '/etc/hosts',
  resolvFile = '/etc/resolv.conf',
}: HostResolverOptions = {}): HostResolver {
  const underWay = new Map<string, LookUp>();
  /** By host: each send that waits for it, with its site. */
  const holds = new Map<string, Set<{ readonly site: string | undefined }>>();

  function begin(host: string): LookUp {
    const [first] = holds.get(host) ?? [];
    const site = first?.site ?? sendingSite.getStore();
    const ofSite = [...underWay.values()].filter((one) => one.site === site).length;
    if (site !== undefined && ofSite >= MOST_OF_A_SITE) throw failure('TOO_MANY_LOOK_UPS');
    const resolver = new dns.Resolver({ timeout: QUERY_WITHIN_MS, tries: TRIES });
    if (servers !== undefined && servers.length > 0) resolver.setServers(servers);
    const ending = new AbortController();
    const ended = once(ending.signal, 'abort').then((): never => {
      throw ending.signal.reason;
    });
    const end = (code: string): void => {
      clearTimeout(timer);
      if (underWay.get(host) === lookUp) underWay.delete(host);
      ending.abort(failure(code));
      resolver.cancel();
    };
    const timer = setTimeout(end, deadlineMs, 'ETIMEOUT');
    const answer = Promise.race([ended, askFor(host, resolver)]).finally(() => end('ECANCELLED'));
    const lookUp: LookUp = { site, answer, end };
    underWay.set(host, lookUp);
    return lookUp;
  }

  async function askFor(host: string, resolver: dns.Resolver): Promise<LookupAddress[]> {
    let passing: Error | undefined; // another server may know the next name
    for (const names of askedTogether(searchedNames(resolvFile, host), host)) {
      const asked = names.map((name) => askOne(resolver, name));
      const isLate = delay(deadlineMs / 2, LATE, { ref: false });
      for (const [at, one] of asked.entries()) {
        const { addresses, error } = await (at === asked.length - 1 ? one : Promise.race([one, isLate]));
        if (addresses.length > 0) return addresses;
        if (error !== undefined && codeOf(error) === 'ECANCELLED') throw error;
        passing ??= error;
      }
    }
    throw passing ?? failure('ENOTFOUND');
  }

  async function resolve(host: string): Promise<LookupAddress[]> {
    const name = host.toLowerCase();
    const known = readHosts(hostsFile, name.replace(/\.$/, ''));
    if (known.length > 0) return known;
    if (/(?:^|\.)localhost\.?$/.test(name)) return LOOPBACK;
    try {
      return await (underWay.get(name) ?? begin(name)).answer;
    } catch (error) {
      // The last send that waited has left, and another has come before the look-up had ended.
      if (codeOf(error) === 'ECANCELLED' && holds.has(name)) return await resolve(name);
      throw error;
    }
  }

  return {
    resolve,
    hold(host) {
      const name = host.toLowerCase();
      const of = holds.get(name) ?? new Set();
      const hold = { site: sendingSite.getStore() };
      holds.set(name, of.add(hold));
      return () => {
        if (!of.delete(hold) || of.size > 0) return;
        holds.delete(name);
        underWay.get(name)?.end('ECANCELLED');
      };
    },
  };
}

/** @throws Error when one of them is neither an address nor address:port */
export const checkServers = (servers: readonly string[]): void => new dns.Resolver().setServers(servers);

/** RFC 6761, for a host that the hosts file does not have. */
const LOOPBACK: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

interface Found {
  readonly addresses: LookupAddress[];
  /** Why no address was found, unless there is none. */
  readonly error?: Error | undefined;
}

/**
 * Takes the addresses of the first name that has some. Names after one that does not answer are asked meanwhile, else no time would
 * be left for them.
 */
const askedTogether = (names: readonly string[], host: string): (readonly string[])[] =>
  names[0] === host ? [[host], names.slice(1)] : [names];

async function askOne(resolver: dns.Resolver, name: string): Promise<Found> {
  const six = find(resolver.resolve6(name), 6);
  const four = await find(resolver.resolve4(name), 4);
  if (four.addresses.length === 0) {
    const { addresses, error = four.error } = await six;
    return { addresses, error };
  }
  const none: Found = { addresses: [] };
  const { addresses } = await Promise.race([six, delay(RESOLUTION_DELAY_MS, none, { ref: false })]);
  return { addresses: [...four.addresses, ...addresses] };
}

async function find(asked: Promise<string[]>, family: 4 | 6): Promise<Found> {
  try {
    return { addresses: (await asked).map((address) => ({ address, family })) };
  } catch (error) {
    return { addresses: [], ...(!NOTHING.includes(codeOf(error)) && { error: error as Error }) }; // c-ares rejects with errors only
  }
}

/** The answer for a name that has none when half of the time is over: the next name is taken. */
const LATE: Found = { addresses: [], error: failure('ETIMEOUT') };

/** Codes that mean: no such name, or no address of that family. */
const NOTHING = ['ENODATA', 'ENOTFOUND', 'EBADNAME'];

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code);

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`The host cannot be looked up: ${code}`), { code });
}
