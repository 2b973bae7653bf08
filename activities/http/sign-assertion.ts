import { createPrivateKey, createSign } from 'node:crypto';
import { DeliveryFailure } from '../failures';

/**
 * A JSON Web Token (RFC 7523), signed by RS256.
 *
 * @param privateKey PEM; its line ends may be written as `\n`, as in a JSON file or where a prompt took it
 * @throws DeliveryFailure InvalidConfig when it is no RSA key
 */
export function signAssertion(claims: Readonly<Record<string, string | number>>, privateKey: string): string {
  const signed = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => encode(JSON.stringify(part))).join('.');
  try {
    const key = createPrivateKey(privateKey.replaceAll('\\n', '\n'));
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
  } catch {
    throw new DeliveryFailure('InvalidConfig', 'The secret privateKey is no RSA key as PEM; give it again.');
  }
}

const encode = (text: string): string => Buffer.from(text).toString('base64url');
