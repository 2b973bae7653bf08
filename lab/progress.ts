/** Where to and how progress is shown. */
export interface ProgressOptions {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Where the line cannot be written over: at most one line in so many milliseconds. Default 3,000. */
  readonly everyMs?: number;
}

export interface Progress {
  /** The present state: one line that is written over. */
  show(text: string): void;
  /** A line that stays. */
  say(text?: string): void;
}

/** Tells a person how far it is: on a terminal by one line that changes, elsewhere by a plain line every few seconds. */
export function createProgress({ out, everyMs = 3_000 }: ProgressOptions): Progress {
  let shown = '';
  let shownAt = -Infinity;
  return {
    show(text) {
      if (text === shown) return;
      if (out.isTTY === true) out.write(`\r\x1b[K${text}`);
      else if (performance.now() - shownAt < everyMs) return;
      else out.write(`${text}\n`);
      shown = text;
      shownAt = performance.now();
    },
    say(text = '') {
      out.write(`${out.isTTY === true && shown !== '' ? '\r\x1b[K' : ''}${text}\n`);
      shown = '';
    },
  };
}
