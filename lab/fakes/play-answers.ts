import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { FakeAnswer, FakeRequest } from '../../activities/http/fake';
import { pathAndQuery } from '../../ops/redact-answers';

const recorded = z.object({
  consumer: z.string(),
  method: z.string(),
  path: z.string(),
  status: z.int().min(200).max(599),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
});

export type RecordedFile = z.output<typeof recorded>;

/** Of `ops connections check --record`, in the order in which they were answered. @throws Error that names a file that is none */
export async function readAnswers(dir: string): Promise<RecordedFile[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.json')).toSorted();
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(dir, name), 'utf8');
      try {
        return recorded.parse(JSON.parse(text));
      } catch (error) {
        throw new Error(`${join(dir, name)} is no recorded answer.`, { cause: error });
      }
    }),
  );
}

/**
 * Answers a request as it was recorded, where it was: the first time with the first answer, then with the next, and the last one stays.
 * A part that was left out of a recording is as the fake itself answers it.
 */
export function createPlayer(files: readonly RecordedFile[], origin: string) {
  const left = files.map(({ method, path, ...answer }) => ({ method, path: patternOf(path), answer, isPlayed: false }));
  return function play({ method, path, query }: FakeRequest, own: FakeAnswer): FakeAnswer {
    const wanted = pathAndQuery(path, query);
    const all = left.filter((one) => one.method === method && one.path.test(wanted));
    const next = all.find(({ isPlayed }) => !isPlayed) ?? all.at(-1);
    if (next === undefined) return own;
    next.isPlayed = true;
    const { status, headers, body } = next.answer;
    const filled = fill(body, readJson(own.body), origin);
    return {
      status,
      headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, withOrigin(text, origin)])),
      ...(filled !== undefined && { body: typeof filled === 'string' ? filled : JSON.stringify(filled) }),
    };
  };
}

/** Where something was left out anything may stand, but no further step of the path. */
const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .split(/\{\w+\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/?]+')}$`,
  );

const withOrigin = (text: string, origin: string): string => text.replaceAll('{origin}', origin);

/** @param own the fake's own answer in that place */
function fill(value: unknown, own: unknown, origin: string): unknown {
  if (typeof value === 'string') return fillText(value, own, origin);
  if (Array.isArray(value)) return value.map((one, i) => fill(one, Array.isArray(own) ? own[i] : undefined, origin));
  if (typeof value !== 'object' || value === null) return value;
  const fields = isObject(own) ? own : {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fill(one, fields[name], origin)]));
}

function fillText(text: string, own: unknown, origin: string): unknown {
  const isLeftOut = /^\{\w+\}$/.test(text) || text.startsWith('{origin}/');
  if (text !== '{origin}' && isLeftOut && own !== undefined && own !== null && typeof own !== 'object') return own;
  if (text === '{id}') return 1;
  return withOrigin(text, origin);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function readJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
