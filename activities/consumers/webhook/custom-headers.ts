/** An endpoint takes so many, in our own words; most servers take 8 KB in all. */
const MOST = 20;
const LONGEST_VALUE = 4_000;

/** Of one connection (RFC 9110 section 7.6.1), which a proxy does not hand on. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Those that a message has already, or that say how it is read. */
const OURS = [
  'accept-encoding',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'traceparent',
  'tracestate',
  'user-agent',
];

const REFUSED = new Set([...HOP_BY_HOP, ...OURS]);
const NAME = /^[\w!#$%&'*+.^`|~-]{1,100}$/;
const VALUE = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

/** The mistake in headers, never their values; undefined: there is none. */
export function headersProblem(headers: readonly (readonly [name: string, value: string])[]): string | undefined {
  const names = headers.map(([name]) => name.toLowerCase());
  if (names.length > MOST) return `expected ${MOST} headers at most`;
  for (const [i, [name, value]] of headers.entries()) {
    if (!NAME.test(name)) return `expected each as a name of a header and a value; number ${i + 1} is none`;
    const own = names[i] ?? '';
    if (REFUSED.has(own) || own.startsWith('webhook-')) return `${name} is not for a connection to set`;
    if (names.indexOf(own) !== i) return `${name} is there twice`;
    if (!VALUE.test(value)) return `${name}: expected a value of printable ASCII characters`;
    if (value.length > LONGEST_VALUE) return `${name}: expected ${LONGEST_VALUE} characters at most`;
  }
  return undefined;
}

/** The headers of a text with a line `Name: value` for each. */
export const readHeaderLines = (text: string): [name: string, value: string][] =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...rest] = line.split(':');
      return [name.trim(), rest.join(':').trim()];
    });
