#!/usr/bin/env node
// Keys and tokens for JWT_KEYS_URL (docs/deploying-access.md), where no identity provider makes them. Node alone is needed.
//
//   make-token.mjs key KEY_FILE KEYS_FILE                    a new private key, and the public one added to the JWK Set that servers read
//   make-token.mjs token KEY_FILE SUBJECT HOURS ROLE...      prints a token; a role is NAMESPACE:read, NAMESPACE:write or NAMESPACE:admin
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [command, keyFile, ...rest] = process.argv.slice(2);
if (command === 'key' && rest.length === 1) makeKey(keyFile, rest[0]);
else if (command === 'token' && rest.length >= 3) process.stdout.write(`${makeToken(keyFile, ...rest)}\n`);
else {
  process.stderr.write('make-token.mjs key KEY_FILE KEYS_FILE\nmake-token.mjs token KEY_FILE SUBJECT HOURS ROLE...\n');
  process.exitCode = 2;
}

function makeKey(file, keysFile) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  const { keys } = existsSync(keysFile) ? JSON.parse(readFileSync(keysFile, 'utf8')) : { keys: [] };
  const jwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), alg: 'ES256', use: 'sig' };
  writeFileSync(keysFile, `${JSON.stringify({ keys: [...keys, { ...jwk, kid: keyId(jwk) }] }, undefined, 2)}\n`);
}

function makeToken(file, subject, hours, ...permissions) {
  const key = createPrivateKey(readFileSync(file));
  const wrong = permissions.find((role) => !/^[^:]+:(read|write|admin)$/.test(role));
  if (wrong || !(Number(hours) > 0))
    throw new Error(`${wrong ?? hours}: a role is NAMESPACE:write, and hours are above 0.`);
  const kid = keyId(createPublicKey(key).export({ format: 'jwk' }));
  const iat = Math.floor(Date.now() / 1000);
  const claims = { sub: subject, iat, exp: Math.floor(iat + Number(hours) * 3600), permissions };
  const text = [{ alg: 'ES256', typ: 'JWT', kid }, claims].map((part) => encode(JSON.stringify(part))).join('.');
  return `${text}.${encode(sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }))}`;
}

/** The thumbprint of RFC 7638: the same for the private key and in the set. */
function keyId({ crv, kty, x, y }) {
  return encode(createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest());
}

function encode(data) {
  return Buffer.from(data).toString('base64url');
}
