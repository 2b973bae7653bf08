import { cutText } from '../cut-text';

/** One thing that is wrong with an event. */
export interface Problem {
  /** Where, in the sender's spelling, e.g. `data.Chat.BotActions[3].Time`. */
  readonly path: string;
  /** The expected value; never the value that was found, which may be private. */
  readonly problem: string;
}

const MAX_PROBLEMS = 100;
const MAX_UNKNOWN = 20;
const MAX_UNKNOWN_LENGTH = 100;
const NOT_STORABLE = /[\0\p{Surrogate}]/u;
const RUNS_NOT_STORABLE = /[\0\p{Surrogate}]{1,1000}/gu;

/** The findings of one reading of an event: every problem by path, and the silent corrections. */
export class Reading {
  readonly problems: Problem[] = [];
  /** Characters that Postgres cannot store (U+0000, lone surrogates), replaced by U+FFFD. */
  replaced = 0;
  /** Wire keys that lost against a better spelling of the same field; their values are in `extra`. */
  conflicts = 0;
  /** Where keys stand that no field has, such as `data.Chat.Messages[].Foo`: the first ones, each cut short. */
  readonly unknownFields = new Set<string>();

  /** The site: as named beside the data, then as the data name it. */
  siteId: string | null;

  constructor(siteId: string | null = null) {
    this.siteId = siteId;
  }

  /** Notes a problem. `problem` names the expected value and never quotes the value, which may be private. */
  refuse(path: string, problem: string): null {
    // A key that feeds two fields is reported once.
    if (this.problems.some((known) => known.path === path && known.problem === problem)) return null;
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ path, problem });
    else if (this.problems.length === MAX_PROBLEMS) {
      this.problems.push({
        path: 'data',
        problem: `has more than ${MAX_PROBLEMS} problems; only the first are listed`,
      });
    }
    return null;
  }

  /** Notes a key that no field has; `path` is that of its object. A key is the sender's choice, so it is bounded. */
  noteUnknown(path: string, key: string): void {
    if (this.unknownFields.size >= MAX_UNKNOWN) return;
    this.unknownFields.add(cutText(`${path.replace(/\[\d+\]/g, '[]')}.${key}`, MAX_UNKNOWN_LENGTH, 'units'));
  }

  /** The text as Postgres can store it. */
  clean(text: string): string {
    if (!NOT_STORABLE.test(text)) return text;
    return text.replace(RUNS_NOT_STORABLE, (run) => {
      this.replaced += run.length;
      return '\uFFFD'.repeat(run.length);
    });
  }
}
