import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import type { Account } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import { headersProblem, readHeaderLines } from './custom-headers';
import { isSecret } from './sign';

const secret = z
  .string()
  .refine(isSecret, 'expected whsec_ and 24 to 64 bytes as base64, or whsk_ and a key of Ed25519 as base64');

const address = (what: string) =>
  z
    .url({ protocol: /^https?$/, error: 'expected an https address' })
    .max(2_000)
    .refine((text) => URL.canParse(text) && new URL(text).username + new URL(text).password === '', {
      error: 'expected no user name and no password in the address',
    })
    .describe(what);

/** A refinement whose message names the mistake. */
const without = <T>(problemOf: (value: T) => string | undefined) =>
  z.superRefine<T>((value, context) => {
    const message = problemOf(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

const text = z.string().min(1).max(2_000);

const oauth = z.strictObject({
  tokenUrl: address('Gives the token, by https on port 443 or 8443'),
  clientId: text.describe('Application at the token server'),
  scope: text.optional().describe('The purpose of the token, as the token server names it'),
  audience: text.optional().describe('Sent as `audience`, where the token server asks for it'),
  clientAuthentication: z
    .enum(['basic', 'body'])
    .default('basic')
    .describe('Where the token server takes id and secret of the client: the header `Authorization`, or the form'),
});

export const configSchema = z.strictObject({
  url: address('Endpoint that takes the POST, by https on port 443 or 8443'),
  headers: z
    .record(z.string(), z.string())
    .check(without((headers) => headersProblem(Object.entries(headers))))
    .optional()
    .describe('Headers of each message whose values are no secret, by name'),
  clientCertificate: z
    .string()
    .max(50_000)
    .check(without(certificateProblem))
    .optional()
    .describe('For mutual TLS: the certificate in PEM, with those between it and its authority behind it'),
  oauth: oauth.optional().describe('For an endpoint that asks for a token by OAuth 2.0 client credentials'),
});

export const secretsSchema = z.strictObject({
  secret: secret.describe(
    'Signs every message: `whsec_` and 24 to 64 random bytes as base64 (HMAC), or `whsk_` and a private key as base64 (Ed25519)',
  ),
  previousSecret: secret.optional().describe('Signs too, while receivers change over to a new one, of either kind'),
  headers: z
    .string()
    .check(without((lines) => headersProblem(readHeaderLines(lines))))
    .optional()
    .describe('Headers of each message whose values are secret, a line `Name: value` for each'),
  clientKey: z
    .string()
    .max(50_000)
    .check(without((pem) => (readKey(pem) === undefined ? 'expected a private key in PEM, not encrypted' : undefined)))
    .optional()
    .describe('For mutual TLS: the private key of the certificate in PEM, not encrypted'),
  clientSecret: text.optional().describe('For OAuth 2.0: the secret of the client'),
});

export type WebhookConfig = z.output<typeof configSchema>;
export type WebhookAccount = Account<WebhookConfig, z.output<typeof secretsSchema>>;

/** Of mutual TLS, in PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** For each token. */
export interface ClientCredentials extends z.output<typeof oauth> {
  readonly clientSecret: string;
}

/** The credentials that an account sends with each message beside its signature. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly certificate: ClientCertificate | undefined;
  readonly client: ClientCredentials | undefined;
}

/** @throws DeliveryFailure InvalidConfig when configuration and secrets do not belong together */
export function credentialsOf({ config, secrets }: WebhookAccount): Credentials {
  const { clientCertificate: cert, oauth: client } = config;
  const { clientKey: key, clientSecret } = secrets;
  const headers = [...Object.entries(config.headers ?? {}), ...readHeaderLines(secrets.headers ?? '')];
  const problem =
    headersProblem(headers) ??
    pairProblem(cert, key) ??
    missing('oauth', client !== undefined, 'clientSecret', clientSecret !== undefined) ??
    (client !== undefined && headers.some(([name]) => name.toLowerCase() === 'authorization')
      ? 'a header Authorization and oauth exclude each other'
      : undefined);
  if (problem !== undefined)
    throw new DeliveryFailure('InvalidConfig', `The connection's headers and secrets cannot be used: ${problem}.`);
  return {
    headers: Object.fromEntries(headers),
    certificate: cert !== undefined && key !== undefined ? { cert, key } : undefined,
    client: client !== undefined && clientSecret !== undefined ? { ...client, clientSecret } : undefined,
  };
}

/** When the client certificate ends; null: there is none. */
export const certificateEnd = ({ clientCertificate: pem }: WebhookConfig): Date | null =>
  pem === undefined ? null : new Date(readCertificate(pem)?.validTo ?? NaN);

function pairProblem(cert: string | undefined, key: string | undefined): string | undefined {
  if (cert === undefined || key === undefined)
    return missing('clientCertificate', cert !== undefined, 'clientKey', key !== undefined);
  if (!isOf(cert, key)) return 'clientKey is not the key of clientCertificate';
  const code = tlsProblem({ cert, key });
  return code === undefined ? undefined : `TLS takes no clientCertificate with this clientKey (${code})`;
}

/** TLS reads all certificates of the chain, X509Certificate the first. */
function certificateProblem(cert: string): string | undefined {
  if (readCertificate(cert) === undefined) return 'expected a certificate in PEM';
  const code = tlsProblem({ cert });
  return code === undefined
    ? undefined
    : `expected certificates in PEM only, the first one's issuer behind it (${code})`;
}

/** The code of the reason for which TLS does not take them. */
function tlsProblem(pair: { readonly cert: string; readonly key?: string }): string | undefined {
  try {
    createSecureContext(pair);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable'; // Node and OpenSSL throw nothing else
  }
}

const isOf = (cert: string, key: string): boolean => {
  const [certificate, privateKey] = [readCertificate(cert), readKey(key)];
  return certificate !== undefined && privateKey !== undefined && certificate.checkPrivateKey(privateKey);
};

function missing(field: string, hasField: boolean, secretName: string, hasSecret: boolean): string | undefined {
  if (hasField === hasSecret) return undefined;
  return hasField
    ? `${field} needs the secret ${secretName}`
    : `the secret ${secretName} is for ${field}, which is missing`;
}

const readCertificate = (pem: string): X509Certificate | undefined => orUndefined(() => new X509Certificate(pem));
const readKey = (pem: string) => orUndefined(() => createPrivateKey(pem));

/** OpenSSL's errors may quote the key that it was given. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
