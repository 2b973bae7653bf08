import { unwatchFile, watchFile } from 'node:fs';

/** How often files are looked at, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * Calls `read` when one of the files changes, also when another one takes its place. Where it throws, it is called again until it does not:
 * another error than the one before is reported.
 *
 * @returns ends it
 */
export function watchFiles(
  files: readonly string[],
  { read, report }: { readonly read: () => void; readonly report: (problem: string) => void },
): () => void {
  let again: NodeJS.Timeout | undefined;
  let reported: string | undefined;
  const onChange = (): void => {
    clearTimeout(again);
    try {
      read();
      reported = undefined;
    } catch (error) {
      const { message } = error as Error; // of the file system, or about its content
      if (message !== reported) report(message);
      reported = message;
      again = setTimeout(onChange, LOOK_EVERY_MS).unref();
    }
  };
  for (const file of files) watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, onChange);
  return () => {
    clearTimeout(again);
    for (const file of files) unwatchFile(file, onChange);
  };
}
