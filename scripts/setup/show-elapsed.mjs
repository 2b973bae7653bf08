/**
 * Shows on standard error how long a step has taken so far: one line that changes on a terminal, else a line every 30 seconds.
 * Returns the function that ends it.
 */
export function showElapsed(what) {
  const began = Date.now();
  const line = () => `Set-up: ${what}, ${Math.round((Date.now() - began) / 1000)} s`;
  const terminal = process.stderr.isTTY === true;
  const timer = setInterval(
    () => process.stderr.write(terminal ? `\r${line()} ` : `${line()}\n`),
    terminal ? 1_000 : 30_000,
  );
  return () => {
    clearInterval(timer);
    process.stderr.write(`${terminal ? '\r' : ''}${line()}.\n`);
  };
}
