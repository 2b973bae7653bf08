import type { Schema } from '../events/wire-schema';
import type { openApi } from './open-api';

type Document = ReturnType<typeof openApi>;

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
code,pre{font:14px/1.4 ui-monospace,monospace;background:#f4f4f4}pre{padding:.8rem;overflow:auto}
table{border-collapse:collapse}td,th{border:1px solid #ddd;padding:.2rem .6rem;text-align:left;vertical-align:top}
summary{cursor:pointer;font-weight:600;padding:.3rem 0}`;

/** The description as a page of HTML that loads nothing else. */
export function openApiPage({ info, tags, paths, components }: Document): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    // Its operations are made in open-api.ts, each with these.
    Object.entries(methods as Record<string, object>).map(([method, operation]) => ({
      method,
      path,
      operation: operation as Operation,
    })),
  );
  const groups = tags.map(({ name, description }) => {
    const rows = operations.filter(({ operation }) => operation.tags.includes(name));
    const sections = rows.map((row) => section(row, components.parameters));
    return `<h2>${escape(name)}</h2><p>${escape(description)}</p>${sections.join('')}`;
  });
  const answers = Object.entries(components.responses).map(
    ([status, { description }]) => `<tr><td>${status}</td><td>${escape(String(description))}</td></tr>`,
  );
  const schemas = Object.entries<Schema>(components.schemas).map(
    ([name, schema]) =>
      `<details id="${escape(name)}"><summary>${escape(name)}</summary>${paragraph(schema['description'])}${fields(schema)}</details>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(info.title)}</title>
<meta name="viewport" content="width=device-width"><style>${STYLE}</style>
<h1>${escape(info.title)}</h1><p>${escape(info.summary)} For programs: <a href="openapi.json">openapi.json</a>.</p>
${info.description.split('\n\n').map(block).join('')}
${groups.join('')}
<h2>Answers that name a problem</h2><table><tr><th>status</th><th>problems</th></tr>${answers.join('')}</table>
<h2>Schemas</h2>${schemas.join('')}</html>`;
}

/** The parts of an operation that the page shows. */
interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly $ref: string }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;
  };
}

function section(
  { method, path, operation }: { method: string; path: string; operation: Operation },
  parameters: Readonly<Record<string, Schema>>,
): string {
  const headers = (operation.parameters ?? []).map(({ $ref }) => {
    const { name, required, description } = parameters[lastOf($ref)] ?? {};
    const isRequired = required === true ? ', required' : '';
    return `<p>Header <code>${escape(String(name))}</code>${isRequired}: ${escape(String(description))}</p>`;
  });
  const bodies = Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, { schema, example }]) =>
      `<p>Body: <code>${escape(type)}</code>, ${typeOf(schema)}</p>` +
      (example === undefined
        ? ''
        : `<pre>${escape(typeof example === 'string' ? example : JSON.stringify(example, null, 2))}</pre>`),
  );
  return `<details><summary><code>${method.toUpperCase()} ${escape(path)}</code> ${escape(operation.summary)}</summary>${paragraph(operation.description)}${headers.join('')}${bodies.join('')}</details>`;
}

/** The fields of an object, or the type of another schema. */
function fields(schema: Schema): string {
  const { properties, required } = schema as {
    properties?: Readonly<Record<string, Schema>>;
    required?: readonly string[];
  };
  if (properties === undefined) return `<p>${typeOf(schema)}</p>`;
  const rows = Object.entries(properties).map(
    ([name, property]) =>
      `<tr><td><code>${escape(name)}</code>${required?.includes(name) ? ', required' : ''}</td><td>${typeOf(property)}</td>` +
      `<td>${describedAs(property)}</td></tr>`,
  );
  return `<table><tr><th>field</th><th>type</th><th>meaning</th></tr>${rows.join('')}</table>`;
}

function typeOf(schema: Schema): string {
  const { $ref, anyOf, allOf, type, items } = schema as {
    $ref?: string;
    anyOf?: readonly Schema[];
    allOf?: readonly Schema[];
    type?: string | readonly string[];
    items?: Schema;
  };
  if ($ref !== undefined) {
    const name = lastOf($ref);
    return `<a href="#${escape(name)}">${escape(name)}</a>`;
  }
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (allOf) return allOf.map(typeOf).join(' with ');
  if (items) return `list of ${typeOf(items)}`;
  if (Array.isArray(schema['enum']))
    return schema['enum'].map((value) => `<code>${escape(String(value))}</code>`).join(' ');
  if ('const' in schema) return `<code>${escape(String(schema['const']))}</code>`;
  return escape([type ?? 'any'].flat().join(' or '));
}

const lastOf = (pointer: string): string => pointer.slice(pointer.lastIndexOf('/') + 1);

function describedAs({ description }: Schema): string {
  return typeof description === 'string' ? escape(description) : '';
}

const paragraph = (description: unknown): string =>
  typeof description === 'string' ? `<p>${escape(description)}</p>` : '';

/** A paragraph of Markdown, or a list. */
function block(markdown: string): string {
  const html = escape(markdown)
    .replaceAll(/`([^`]*)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]*)\*\*/g, '<b>$1</b>');
  return html.startsWith('- ') ? `<ul>${html.replaceAll(/^- (.*)$/gm, '<li>$1</li>')}</ul>` : `<p>${html}</p>`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
