import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** OpenTelemetry in this process. */
export interface Tracing {
  readonly activityInterceptors: readonly ActivityInterceptorsFactory[];
  /** Of the span that is active here, for log lines. */
  ids(): { readonly trace_id: string; readonly span_id: string } | undefined;
  /** Sends the remaining spans. Never rejects. */
  close(): Promise<void>;
}

/** Each of them says that traces are wanted. */
const WANTED = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_TRACES_EXPORTER'] as const;

/**
 * Traces activities and their HTTP requests, which carry `traceparent`, as the standard OTEL_ variables say. Its packages are optional
 * and loaded only when one of these variables is set.
 *
 * @returns undefined when none is set
 * @throws Error when one is set and the packages are not installed
 */
export async function startTracing(environment: NodeJS.ProcessEnv): Promise<Tracing | undefined> {
  const [set] = WANTED.filter((name) => environment[name]);
  if (set === undefined || environment['OTEL_SDK_DISABLED'] === 'true') return undefined;
  const [{ trace }, { NodeSDK, resources }, { UndiciInstrumentation }, temporal] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/instrumentation-undici'),
    import('@temporalio/interceptors-opentelemetry'),
  ]).catch((cause: unknown) => {
    throw new Error(
      `${set} is set, but the packages of OpenTelemetry are not installed: npm install, without --omit=optional.`,
      { cause },
    );
  });
  const sdk = new NodeSDK({
    serviceName: environment['OTEL_SERVICE_NAME'] ?? 'chat-events-worker',
    resourceDetectors: [resources.envDetectorSync, resources.hostDetectorSync],
    instrumentations: [
      new UndiciInstrumentation({
        requireParentforSpans: true,
        // A path or a query may be a secret of a site, or name a person.
        startSpanHook: ({ origin }) => ({ 'url.full': origin, 'url.path': '', 'url.query': '' }),
      }),
    ],
  });
  sdk.start();
  return {
    activityInterceptors: [(context) => ({ inbound: new temporal.OpenTelemetryActivityInboundInterceptor(context) })],
    ids() {
      const span = trace.getActiveSpan()?.spanContext();
      return span && { trace_id: span.traceId, span_id: span.spanId };
    },
    close: () => sdk.shutdown().catch(() => {}),
  };
}
