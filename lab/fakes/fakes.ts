/** `npm run fakes`: a Salesforce, a Zendesk, an SMTP server, an endpoint for webhooks and a Slack webhook to develop against, until Ctrl-C. */
import { stopSignal } from '../../stack/stop-signal';
import { number, runCommandLine, text } from '../command-line';
import { addCommand, defaultPorts, openFakes, type Fake, type FakePorts } from './open-fakes';
import { readAnswers } from './play-answers';

const USAGE = `npm run fakes -- [--site ID] [--salesforce PORT] [--zendesk PORT] [--smtp PORT] [--webhook PORT] [--slack PORT] [--from DIR]

  --site ID  the site in the commands that are printed; default 10001
  ... PORT   where it listens, on 127.0.0.1; 0 = any free one; default ${Object.entries(defaultPorts)
    .map(([name, port]) => `${name} ${port}`)
    .join(', ')}
  --from DIR answers of a real Salesforce or Zendesk, as "ops connections check --record DIR" wrote them: requests that
             are among them are answered so, all others as the fake does

They keep each request in memory, print a line for it, and refuse the requests that the real service refuses.`;

interface Options extends FakePorts {
  readonly site: string;
  readonly from: string | undefined;
}

async function main({ site, from, ...ports }: Options): Promise<void> {
  const stopping = stopSignal();
  const recorded = from === undefined ? [] : await readAnswers(from);
  const fakes = await openFakes(ports, (line) => console.log(line), recorded).catch((error: unknown) => {
    const { code, port } = error as { code?: string; port?: number }; // of node:net
    if (code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port} is taken; choose another: npm run fakes -- --help`);
  });
  console.log(introduce(fakes, site));
  await stopping;
  await Promise.all(fakes.map((fake) => fake.close()));
  console.log('\nStopped. The requests that had arrived are gone.');
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
    'Stop: Ctrl-C. Requests:',
  ].join('\n');
}

const port = (otherwise: number) => number(otherwise, { least: 0, most: 65_535 });

runCommandLine(
  USAGE,
  {
    site: text('10001'),
    salesforce: port(defaultPorts.salesforce),
    zendesk: port(defaultPorts.zendesk),
    smtp: port(defaultPorts.smtp),
    webhook: port(defaultPorts.webhook),
    slack: port(defaultPorts.slack),
    from: text(undefined),
  },
  main,
);
