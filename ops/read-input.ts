import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { InvalidArgumentError } from 'commander';
import type { ConnectionKind } from '../activities/consumer';
import { EVENT_TYPES } from '../events/event-types';
import { readSiteId, SITE_ID_EXPECTED } from '../events/kinds/read-site-id';
import { readTime } from '../events/kinds/read-time';
import { readEventType } from '../events/read-identity';
import { isUnheld, readJson } from '../protocol/read-json';
import { CommandFailure } from './output';

export interface ConfigOptions {
  /** A file of JSON, or - for standard input. */
  readonly config?: string;
  /** name=value, over the file. */
  readonly set?: readonly string[];
}

/** The configuration of the options, over `before`. The consumer's schema has not checked it yet. */
export async function readConfigInput(
  { config, set = [] }: ConfigOptions,
  before: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, unknown>> {
  const fromFile = config === undefined ? before : readObject(await readSource(config), config);
  const pairs = set.map((pair): [string, unknown] => {
    const [name = '', ...rest] = pair.split('=');
    if (name === '' || rest.length === 0) throw new CommandFailure(`--set ${pair}: expected name=value.`);
    return [name, readValue(rest.join('='))];
  });
  return refuseUnheld({ ...fromFile, ...Object.fromEntries(pairs) });
}

export interface SecretsOptions {
  /** - for standard input. */
  readonly secrets?: string;
}

/**
 * Secrets of a connection, by name: from JSON on standard input, else for each name from the environment
 * (CONNECTION_PASSWORD for `password`), else from a prompt. Never from the command line, where other users see them.
 *
 * @param kept the stored ones; an empty answer at the prompt keeps them
 */
export async function readSecrets(
  { secrets: source, config }: SecretsOptions & ConfigOptions,
  kind: ConnectionKind,
  kept: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, unknown>> {
  if (source !== undefined && source !== '-') {
    throw new CommandFailure(
      '--secrets takes only -, for JSON on standard input: secrets do not go on a command line.',
    );
  }
  if (source === '-' && config === '-') {
    throw new CommandFailure(
      'Standard input takes the configuration or the secrets; put the configuration into a file.',
    );
  }
  if (source === '-') return readObject(await text(process.stdin), 'standard input');
  const given: Record<string, unknown> = { ...kept };
  for (const { name, about, required } of await secretNames(kind)) {
    const value = process.env[variableOf(name)] || (await ask(name, about, required && !(name in kept)));
    if (value !== '') given[name] = value;
  }
  return given;
}

/** Name of the environment variable that holds a secret. */
export const variableOf = (name: string): string =>
  `CONNECTION_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

async function secretNames(kind: ConnectionKind): Promise<{ name: string; about: string; required: boolean }[]> {
  const { z } = await import('zod');
  const { properties = {}, required = [] } = z.toJSONSchema(kind.secrets, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => ({
    name,
    about: typeof property === 'object' ? (property.description ?? '') : '',
    required: required.includes(name),
  }));
}

/** A secret that is no secret of a connection: from its variable, else from a prompt. */
export const readSecret = async (name: string, about: string): Promise<string> =>
  process.env[variableOf(name)] || (await ask(name, about, true));

async function ask(name: string, about: string, required: boolean): Promise<string> {
  if (!process.stdin.isTTY) {
    if (!required) return '';
    throw new CommandFailure(`The secret ${name} is missing: set ${variableOf(name)}, or use --secrets - .`);
  }
  const { read } = await import('read');
  const prompt = `${name} (${about}${required ? '' : ' Empty: none, or as it is.'}): `;
  return await read({ prompt, silent: true, output: process.stderr });
}

async function readSource(source: string): Promise<string> {
  if (source === '-') return await text(process.stdin);
  return await readFile(source, 'utf8').catch((error: Error) => {
    throw new CommandFailure(`The configuration cannot be read: ${error.message}`);
  });
}

function readObject(json: string, source: string): Record<string, unknown> {
  const failure = new CommandFailure(`${source}: expected a JSON object.`); // without the text, which may be secret
  let value: unknown;
  try {
    value = readJson(json);
  } catch {
    throw failure;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw failure;
  return Object.fromEntries(Object.entries(value));
}

/** Stored as JSON, a number that no double can hold would be null. */
function refuseUnheld(config: Record<string, unknown>): Record<string, unknown> {
  JSON.stringify(config, (name, value: unknown) => {
    if (isUnheld(value)) throw new CommandFailure(`${name}: expected a number that a double can hold.`);
    return value;
  });
  return config;
}

/** JSON where it is JSON, else the text itself. */
function readValue(value: string): unknown {
  try {
    return readJson(value);
  } catch {
    return value;
  }
}

/** The value of an option that is more than 0. */
export function readPositive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

/** The value of an option that is 1, 2, 3, ... */
export function readCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= 10_000) return value;
  throw new InvalidArgumentError('Expected a whole number from 1 to 10000.');
}

/** The value of an option that names a site, read as the site of an event is: `010001` is 10001. */
export function readSite(text: string): string {
  const site = readSiteId(text.trim());
  if (site !== undefined) return site;
  throw new InvalidArgumentError(`${SITE_ID_EXPECTED.replace(/^e/, 'E')}.`);
}

/** The same, or `*` for all sites. */
export const readSiteOrAll = (text: string): string => (text === '*' ? text : readSite(text));

/** The value of an option that names a connection; it stands between slashes in `site/consumer/name`. */
export function readName(text: string): string {
  const name = text.trim();
  if (name !== '' && !/[\p{C}/]/u.test(name)) return name;
  throw new InvalidArgumentError('Expected a name that is not blank and has no slash or control character.');
}

/** The name of a new data queue. `#` stands between the name of one and the number of a further connection: `Chat.Ended.Webhook#2`. */
export function readDataQueue(text: string): string {
  if (/^[^\s\p{C}#]{1,200}$/u.test(text)) return text;
  throw new InvalidArgumentError('Expected a name such as Chat.Ended.Archive, without spaces and #.');
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The value of an option that is an ISO time, or an age such as 90m, 24h or 7d. @returns the time, ISO in UTC */
export function readTimeOrAge(text: string): string {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const time = count === undefined ? readIsoTime(text) : Date.now() - Number(count) * (UNIT_MS[unit] ?? NaN);
  if (time > 0 && time < Date.parse('9999-01-01')) return new Date(time).toISOString();
  throw new InvalidArgumentError('Expected an ISO time such as 2026-11-30T08:00:00Z, or an age such as 90m, 24h, 7d.');
}

/** As a time of an event: without a zone it is UTC. @returns NaN for none; Date.parse takes 30 February for 2 March */
export const readIsoTime = (text: string): number => Date.parse(readTime(text) ?? '');

/** The value of an option that names one event type, in any case of letters. */
export function readEventTypeOption(text: string): string {
  const type = readEventType(text);
  if (type !== undefined) return type;
  throw new InvalidArgumentError(`There is no event ${text}; there is ${EVENT_TYPES.join(', ')}.`);
}

/** The value of an option that names events, with commas between them. */
export function readEventTypes(list: string): string[] {
  return list.split(',').map((type) => readEventTypeOption(type.trim()));
}
