import { readFileSync } from 'node:fs';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';

/** The addresses that a hosts file gives a name, in its order. Read anew each time: it may be changed while a worker runs. */
export function readHosts(file: string, host: string): LookupAddress[] {
  return linesOf(file).flatMap(([address = '', ...names]) => {
    const family = isIP(address);
    return family !== 0 && names.some((name) => name.toLowerCase() === host) ? [{ address, family }] : [];
  });
}

/** glibc takes no more. */
const MOST_NDOTS = 15;

/**
 * The names to ask for, one after the other, for a host: with the search domains of resolv.conf, as glibc does it. A name with at
 * least `ndots` dots (1) is tried as it is first, any other last; one that ends with a dot is tried as it is only.
 */
export function searchedNames(file: string, host: string): string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)];
  let domains: readonly string[] = [];
  let ndots = 1;
  for (const [key, ...values] of linesOf(file)) {
    if (key === 'search' || key === 'domain') domains = values; // the last one counts
    if (key !== 'options') continue;
    const given = values.flatMap((value) => /^ndots:(\d+)$/.exec(value)?.[1] ?? []).at(-1);
    if (given !== undefined) ndots = Math.min(Number(given), MOST_NDOTS);
  }
  const searched = domains
    .map((domain) => domain.replace(/\.$/, ''))
    .map((domain) => (domain ? `${host}.${domain}` : host));
  const dots = host.split('.').length - 1;
  return [...new Set(dots >= ndots ? [host, ...searched] : [...searched, host])];
}

function linesOf(file: string): string[][] {
  return readText(file)
    .split('\n')
    .map((line) =>
      line
        .replace(/[#;].*/, '')
        .trim()
        .split(/\s+/),
    )
    .filter(([first]) => first !== '');
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // the system takes a missing file so
  }
}
