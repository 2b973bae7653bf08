import { domainToASCII } from 'node:url';
import { trimBlanks } from './kinds/blanks';

/** RFC 5321: bytes of an address, and of the part before its @. */
const LONGEST = 254;
const LONGEST_LOCAL_PART = 64;

/**
 * RFC 5322 without quotes and comments, and RFC 6531: any letter. Several dots in a row, and one at the end, are addresses of
 * Japanese carriers that Salesforce takes, too.
 */
const LOCAL_PART = /^(?!\.)(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]|[^\p{ASCII}\p{C}\p{Z}])+$/u;
const NOT_ASCII = /\P{ASCII}/u;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/**
 * The one e-mail address that a text is, as it is sent to: without blanks at its ends, its domain in ASCII (`bücher.example` ->
 * `xn--bcher-kva.example`). The part before the @ stays as it is, in any script. Null for a text that is no address: no domain with a dot, an IP
 * address, a name or a second address beside it, too long. Takes linear time and never throws.
 */
export function readAddress(text: string | null | undefined): string | null {
  const trimmed = trimBlanks(text ?? '');
  if (trimmed.length > LONGEST) return null;
  const at = trimmed.lastIndexOf('@');
  const localPart = trimmed.slice(0, Math.max(at, 0));
  if (!LOCAL_PART.test(localPart) || Buffer.byteLength(localPart) > LONGEST_LOCAL_PART) return null;
  const domain = asciiDomain(trimmed.slice(at + 1));
  if (domain === null) return null;
  const address = `${localPart}@${domain}`;
  return Buffer.byteLength(address) > LONGEST ? null : address;
}

export const isAddress = (text: string): boolean => readAddress(text) !== null;

/** True where a server needs no SMTPUTF8 for it. */
export const isAscii = (address: string): boolean => !NOT_ASCII.test(address);

/** readAddress for destinations that take ASCII only. Null for none, and for one in another script. */
export function readAsciiAddress(text: string | null | undefined): string | null {
  const address = readAddress(text);
  return address !== null && isAscii(address) ? address : null;
}

/** A domain in ASCII stays as it is. */
function asciiDomain(domain: string): string | null {
  // A character that ends a host name in a URL is no part of one.
  const isHostName = !/[^A-Za-z0-9.-]/.test(domain.replace(/\P{ASCII}/gu, ''));
  const ascii = isHostName && !isAscii(domain) ? domainToASCII(domain) : domain;
  const labels = ascii.split('.');
  const areLabels = labels.length > 1 && labels.every((label) => LABEL.test(label));
  return areLabels && /[A-Za-z]/.test(labels.at(-1) ?? '') ? ascii : null;
}
