/** Reports a problem and stops no caller; by `process.on('warning')`, else on the standard error. */
export function warn(message: string): void {
  process.emitWarning(message, 'JournalWarning');
}
