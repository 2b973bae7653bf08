import type { Headers, WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** The header by which Temporal's interceptors for OpenTelemetry carry a trace. */
const TRACE = '_tracer-data';

/** Hands the trace of the start on to activities and to the next run; without a trace it changes nothing. */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let trace: Headers = {};
  const withTrace = <Input extends { readonly headers: Headers }>(input: Input): Input => ({
    ...input,
    headers: { ...trace, ...input.headers },
  });
  return {
    inbound: [
      {
        execute(input, next) {
          const data = input.headers[TRACE];
          if (data !== undefined) trace = { [TRACE]: data };
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withTrace(input)),
        scheduleLocalActivity: (input, next) => next(withTrace(input)),
        continueAsNew: (input, next) => next(withTrace(input)),
      },
    ],
  };
};
