import type { FakeAnswer } from '../../../http/fake';
import { fillShape } from '../../../http/fake/fill-answer';
import { errors, parts } from './answers';

/** One entry of the array that Salesforce answers with. */
export interface ErrorItem {
  readonly message: string;
  readonly errorCode: string;
  readonly fields?: readonly string[];
  /** Spelt so by Salesforce; only with DUPLICATES_DETECTED. */
  readonly duplicateResut?: unknown;
}

/** Thrown when a request is refused; nothing that it asked for has been done. */
export class ApiError extends Error {
  readonly status: number;
  readonly items: readonly ErrorItem[];

  constructor(status: number, items: readonly ErrorItem[]) {
    super(items.map(({ message }) => message).join('; '));
    this.status = status;
    this.items = items;
  }
}

export function refusal(status: number, errorCode: string, message: string, fields?: readonly string[]): ApiError {
  return new ApiError(status, [{ message, errorCode, ...(fields && { fields }) }]);
}

/** @throws Error for a code that `errors` does not know with that status */
export function answerError({ status, items }: ApiError): FakeAnswer {
  return json(
    status,
    items.map((item) => shapeError(item, status)),
  );
}

export function shapeError({ message, errorCode: code, fields, duplicateResut }: ErrorItem, status: number): unknown {
  if (errors[code]?.status !== status)
    throw new Error(`Say in answers.ts that Salesforce answers ${status} with ${code}.`);
  return fillShape(parts.error, { message, code, fields, duplicates: duplicateResut });
}

export const notFound = (): ApiError => refusal(404, 'NOT_FOUND', 'The requested resource does not exist');

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): FakeAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
    body: JSON.stringify(body),
  };
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The body of a request as an object; Salesforce reads a single object, and JSON only. */
export function readJson(body: string): JsonObject {
  let read: unknown;
  try {
    read = JSON.parse(body);
  } catch {
    throw refusal(400, 'JSON_PARSER_ERROR', 'Unexpected character at [line:1, column:1]');
  }
  if (isObject(read)) return read;
  throw refusal(400, 'JSON_PARSER_ERROR', 'The HTTP entity body is required, but this request has no entity body.');
}
