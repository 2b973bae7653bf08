/** Thrown when a file is not as the command expects it; the message names it. */
export class UnexpectedFile extends Error {}

/** Adds text after the last place that `anchor` finds. @param path for the message */
export function insertAfter(text: string, anchor: RegExp, added: string, path: string): string {
  const last = [...text.matchAll(anchor)].at(-1);
  if (last === undefined) throw new UnexpectedFile(`${path} has changed: "${anchor.source}" is not found in it.`);
  const end = last.index + last[0].length;
  return `${text.slice(0, end)}${added}${text.slice(end)}`;
}
