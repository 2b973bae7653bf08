#!/usr/bin/env node
// Keys and tokens for JWT_KEYS_URL (docs/deploying-access.md), where no identity provider makes them. Node alone is needed.
//
//   make-token.mjs key KEY_FILE KEYS_FILE                    a new private key, and the public one added to the JWK Set that servers read
//   make-token.mjs token KEY_FILE SUBJECT HOURS ROLE... [--audience=NAME] [--out=FILE]
//                                                            a token, printed, or written to a file that its owner alone may read;
//                                                            a role is NAMESPACE:read, NAMESPACE:write or NAMESPACE:admin
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const words = process.argv.slice(2);
const [command, keyFile, ...rest] = words.filter((word) => !/^--(audience|out)=/.test(word));
const option = (name) => words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
if (command === 'key' && rest.length === 1) makeKey(keyFile, rest[0]);
else if (command === 'token' && rest.length >= 3) writeToken(makeToken(keyFile, ...rest));
else {
  process.stderr.write(
    'make-token.mjs key KEY_FILE KEYS_FILE\nmake-token.mjs token KEY_FILE SUBJECT HOURS ROLE... [--audience=NAME] [--out=FILE]\n',
  );
  process.exitCode = 2;
}

function makeKey(file, keysFile) {
  if (existsSync(file)) throw new Error(`${file} is there already: a new key has another name.`);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  for (const path of [file, keysFile]) mkdirSync(dirname(path), { recursive: true });
  const { keys } = existsSync(keysFile) ? JSON.parse(readFileSync(keysFile, 'utf8')) : { keys: [] };
  const jwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), alg: 'ES256', use: 'sig' };
  // The set first: when it cannot be written, there is no key yet, and a repeat begins anew.
  const set = JSON.stringify({ keys: [...keys, { ...jwk, kid: keyId(jwk) }] }, undefined, 2);
  replaceFile(keysFile, `${set}\n`, 0o644);
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
}

function makeToken(file, subject, hours, ...permissions) {
  const key = createPrivateKey(readFileSync(file));
  const wrong = permissions.find((role) => !/^[^:]+:(read|write|admin)$/.test(role));
  if (wrong || !(Number(hours) > 0))
    throw new Error(`${wrong ?? hours}: a role is NAMESPACE:write, and hours are above 0.`);
  const kid = keyId(createPublicKey(key).export({ format: 'jwk' }));
  const iat = Math.floor(Date.now() / 1000);
  const aud = option('audience');
  const claims = { sub: subject, iat, exp: Math.floor(iat + Number(hours) * 3600), permissions, ...(aud && { aud }) };
  const text = [{ alg: 'ES256', typ: 'JWT', kid }, claims].map((part) => encode(JSON.stringify(part))).join('.');
  return `${text}.${encode(sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }))}`;
}

function writeToken(token) {
  const file = option('out');
  if (file) replaceFile(file, `${token}\n`, 0o600);
  else process.stdout.write(`${token}\n`);
}

/** A reader sees the old file or the new one, never a part; its owner stays. */
function replaceFile(file, text, mode) {
  const unnamed = `${file}.new`;
  rmSync(unnamed, { force: true });
  writeFileSync(unnamed, text, { mode, flag: 'wx' });
  const old = statSync(file, { throwIfNoEntry: false });
  if (old) chownSync(unnamed, old.uid, old.gid);
  renameSync(unnamed, file);
}

/** The thumbprint of RFC 7638: the same for the private key and in the set. */
function keyId({ crv, kty, x, y }) {
  return encode(createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest());
}

function encode(data) {
  return Buffer.from(data).toString('base64url');
}
