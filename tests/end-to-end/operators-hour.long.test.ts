import { openCheckout, stepsOf } from '../run-page';

/** Reads, so that it may be called again until it shows what is said. */
const READS = /ops -- (status|events|account|reconcile|deliveries list)/;

it('an operator’s hour goes as its page says, command by command', async () => {
  const steps = stepsOf('docs/operators-hour.md');
  const [start, fakes, ...rest] = steps;
  const checkout = openCheckout();
  try {
    await Promise.all([checkout.keep(start!), checkout.keep(fakes!)]);
    expect(rest.length).toBeGreaterThan(15);
    for (const step of rest) {
      const env = { ALLOWED_ADDRESSES: '127.0.0.1' }; // the page exports it once
      expect(await checkout.check(step, { reads: READS.test(step.commands), env })).toBe('');
    }
  } finally {
    await checkout.close();
  }
}, 600_000);
