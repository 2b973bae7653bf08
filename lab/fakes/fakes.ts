/** `npm run fakes`: a Salesforce, a Zendesk, an SMTP server and an endpoint for webhooks to develop against, until Ctrl-C. */
import { parseArgs } from 'node:util';
import { stopSignal } from '../../stack/stop-signal';
import { readAnswers } from './play-answers';
import { addCommand, defaultPorts, openFakes, type Fake, type FakePorts } from './open-fakes';

const USAGE = `npm run fakes -- [--site ID] [--salesforce PORT] [--zendesk PORT] [--smtp PORT] [--webhook PORT] [--from DIR]

  --site ID  the site in the commands that are printed; default 10001
  ... PORT   where it listens, on 127.0.0.1; 0 = any free one; default ${Object.entries(defaultPorts)
    .map(([name, port]) => `${name} ${port}`)
    .join(', ')}
  --from DIR answers of a real Salesforce or Zendesk, as "ops connections check --record DIR" wrote them: requests that
             are among them are answered so, all others as the fake does

They keep what reaches them in memory, print a line for it, and refuse what the real service would refuse.`;

async function main(): Promise<void> {
  const { help, site, ports, from } = readOptions();
  if (help) return console.log(USAGE);
  const stopping = stopSignal();
  const recorded = from === undefined ? [] : await readAnswers(from);
  const fakes = await openFakes(ports, (line) => console.log(line), recorded);
  console.log(introduce(fakes, site));
  await stopping;
  await Promise.all(fakes.map((fake) => fake.close()));
  console.log('\nStopped. What had arrived is gone.');
}

function introduce(fakes: readonly Fake[], site: string): string {
  return [
    'Running:',
    ...fakes.map(({ consumer, address }) => `  ${consumer.padEnd(12)}${address}`),
    '',
    'Start a worker that may call this machine:',
    '  ALLOWED_ADDRESSES=127.0.0.1 npm start',
    '',
    `Then give site ${site} an account at each:`,
    ...fakes.map((fake) => `  ${addCommand(fake, site)}`),
    `  ALLOWED_ADDRESSES=127.0.0.1 npm run ops -- connections check ${site}/zendesk/fake`,
    '',
    'Stop: Ctrl-C. What arrives:',
  ].join('\n');
}

function readOptions(): { help: boolean; site: string; ports: FakePorts; from: string | undefined } {
  const port = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      site: { type: 'string', default: '10001' },
      salesforce: port,
      zendesk: port,
      smtp: port,
      webhook: port,
      from: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { help, site, from } = values;
  const portOf = (name: keyof FakePorts): number => {
    const value = Number(values[name] ?? defaultPorts[name]);
    if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
    throw new Error(`--${name} takes a port, 0 to 65535.\n\n${USAGE}`);
  };
  const ports = {
    salesforce: portOf('salesforce'),
    zendesk: portOf('zendesk'),
    smtp: portOf('smtp'),
    webhook: portOf('webhook'),
  };
  return { help, site, ports, from };
}

main().catch((error: unknown) => {
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') console.error(`Port ${port} is taken; choose another: npm run fakes -- --help`);
  else console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
