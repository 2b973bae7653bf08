import { InvalidConfiguration } from '../workers/read-environment';
import { readIngressConfig } from './config';
import { CannotStart, startIngress } from './start-ingress';

/** The sidecar: until SIGTERM or SIGINT, which answer the requests at hand. */
async function main(): Promise<void> {
  const ingress = await startIngress(readIngressConfig(process.env));
  await new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
  await ingress.stop();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const isKnown = error instanceof InvalidConfiguration || error instanceof CannotStart;
    console.error(isKnown ? error.message : error);
    process.exit(1);
  },
);
