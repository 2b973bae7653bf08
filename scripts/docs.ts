import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { catalogue } from '../events/catalogue';
import { jsonSchemas, wireJsonSchema } from '../events/json-schema';
import { openApi } from '../ingress/open-api';
import { configurationReference } from './docs/configuration-reference';
import { consumersReference } from './docs/consumers-reference';
import { eventsReference } from './docs/events-reference';
import { failuresReference } from './docs/failures-reference';
import { vendorAssumptions } from './docs/vendor-assumptions';
import { wireData } from './docs/wire-data';

/** Every document that is made from the code, by its path from the root of the repository. */
const makeDocuments = async (): Promise<Map<string, string>> =>
  new Map<string, string>([
    ['docs/configuration.md', configurationReference()],
    ...(await consumersReference()),
    ...eventsReference(),
    ['docs/examples/chat.json', JSON.stringify(catalogue['Chat.Ended'].example)],
    ['docs/events.schema.json', JSON.stringify(jsonSchemas())],
    ['docs/events.wire.schema.json', JSON.stringify(wireJsonSchema())],
    ['docs/failures.md', failuresReference()],
    ['docs/openapi.json', JSON.stringify(openApi())],
    ['docs/vendor-assumptions.md', vendorAssumptions()],
    ['events/wire-data.ts', wireData()],
  ]);

const root = join(__dirname, '..');

/** Adds a comment for the person who opens a Markdown file in an editor: an edit there does not last. */
function marked(path: string, text: string): string {
  return path.endsWith('.md') ? `<!-- Made by "npm run docs". Do not edit. -->\n\n${text}` : text;
}

async function formatted(path: string, text: string): Promise<string> {
  const filepath = join(root, path);
  return format(marked(path, text), { ...(await resolveConfig(filepath)), filepath });
}

/** Writes every generated document, or with `--check` names those that are not what the code says. */
async function main(check: boolean): Promise<void> {
  const stale: string[] = [];
  for (const [path, made] of await makeDocuments()) {
    const text = await formatted(path, made);
    const file = join(root, path);
    if (text === (await readFile(file, 'utf8').catch(() => undefined))) continue;
    stale.push(path);
    if (check) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  if (!check) return console.log(stale.length > 0 ? `Written: ${stale.join(', ')}` : 'Nothing has changed.');
  if (stale.length === 0) return;
  console.error(`These files differ from what the code says: ${stale.join(', ')}. Run "npm run docs" and commit them.`);
  process.exitCode = 1;
}

void main(process.argv.includes('--check'));
