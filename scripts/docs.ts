import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { catalogue } from '../events/catalogue';
import { jsonSchemas } from '../events/json-schema';
import { configurationReference } from './docs/configuration-reference';
import { consumersReference } from './docs/consumers-reference';
import { eventsReference } from './docs/events-reference';
import { failuresReference } from './docs/failures-reference';
import { vendorAssumptions } from './docs/vendor-assumptions';

/** A document that is made from the code. */
interface GeneratedDocument {
  /** From the root of the repository. */
  readonly path: string;
  readonly make: () => string | Promise<string>;
}

const documents: readonly GeneratedDocument[] = [
  { path: 'docs/configuration.md', make: configurationReference },
  { path: 'docs/consumers.md', make: consumersReference },
  { path: 'docs/events.md', make: eventsReference },
  { path: 'docs/examples/chat.json', make: () => JSON.stringify(catalogue['Chat.Ended'].example) },
  { path: 'docs/events.schema.json', make: () => JSON.stringify(jsonSchemas()) },
  { path: 'docs/failures.md', make: failuresReference },
  { path: 'docs/vendor-assumptions.md', make: vendorAssumptions },
];

const root = join(__dirname, '..');

/** Says in a Markdown file, where nobody sees it but who edits it, that edits do not last. */
function marked(path: string, text: string): string {
  return path.endsWith('.md') ? `<!-- Made by "npm run docs". Do not edit. -->\n\n${text}` : text;
}

async function textOf({ path, make }: GeneratedDocument): Promise<string> {
  const filepath = join(root, path);
  return format(marked(path, await make()), { ...(await resolveConfig(filepath)), filepath });
}

/** Writes every generated document, or with `--check` names those that are not what the code says. */
async function main(check: boolean): Promise<void> {
  const stale: string[] = [];
  for (const document of documents) {
    const text = await textOf(document);
    const path = join(root, document.path);
    if (text === (await readFile(path, 'utf8').catch(() => undefined))) continue;
    stale.push(document.path);
    if (!check) await writeFile(path, text);
  }
  if (!check) return console.log(stale.length > 0 ? `Written: ${stale.join(', ')}` : 'Nothing has changed.');
  if (stale.length === 0) return;
  console.error(`Stale: ${stale.join(', ')}. Run "npm run docs" and commit what it writes.`);
  process.exitCode = 1;
}

void main(process.argv.includes('--check'));
