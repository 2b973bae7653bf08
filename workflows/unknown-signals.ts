import { log, setDefaultSignalHandler, workflowInfo } from '@temporalio/workflow';

/** Characters of a name that the log shows. */
const SHOWN = 100;

/** Has a signal that the workflow does not know logged; without a handler the SDK would keep it and say nothing. */
export function logUnknownSignals(): void {
  setDefaultSignalHandler((name) => {
    const { workflowType } = workflowInfo();
    log.warn('The workflow does not know this signal and ignores it.', { workflowType, signal: name.slice(0, SHOWN) });
  });
}
