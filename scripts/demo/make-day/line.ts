import { newtonsoftText, type Fields } from './newtonsoft-text';

/** One event of the day, before it is printed. */
export interface Line {
  /** When it reaches the publisher, in milliseconds of the day: the order of the file. */
  readonly at: number;
  readonly type: string;
  /** Absent: the publisher takes the natural id, or mints one. */
  readonly id?: string;
  /** Absent: the publisher fills in the time of publishing. */
  readonly receivedAt?: string;
  readonly data: Fields;
}

/** The line as it stands in the file. */
export function lineText({ type, id, receivedAt, data }: Line): string {
  return newtonsoftText({ type, ...(id && { id }), ...(receivedAt && { receivedAt }), data });
}
