import { catalogue } from '../../events/catalogue';
import { insertAfter } from './insert';
import type { Making } from './make-consumer';
import { fillTemplate } from './templates';

/** @returns why there can be no such event; undefined: there can */
export function refuseEvent(type: string): string | undefined {
  if (!/^[A-Z][A-Za-z]*(?:\.[A-Z][A-Za-z]*)+$/.test(type) || type.length > 60)
    return 'An event is named by words with points between them, each with a capital, such as "Agent.Login": its name is stored and never changes.';
  const same = Object.keys(catalogue).find((one) => fileOf(one) === fileOf(type));
  return same === undefined ? undefined : `There is an event ${same} already.`;
}

/** `agent-login` of `Agent.Login`. */
const fileOf = (type: string): string => type.replaceAll(/(?<=[a-z])(?=[A-Z])|\./g, '-').toLowerCase();

/** The files of an event without tables. */
export async function makeEvent(type: string): Promise<Making> {
  const file = fileOf(type);
  const name = type.replaceAll('.', '').replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  const files = await fillTemplate(
    [
      ['event/agent-login.ts', `events/${file}.ts`],
      ['event/agent-login.test.ts', `events/${file}.test.ts`],
    ],
    [
      ['An agent has logged in.', `${type}: describe the event here.`],
      ['Agent.Login', type],
      ['agentLogin', name],
    ],
  );
  const change = (text: string, path: string): string =>
    insertAfter(
      insertAfter(text, /^import .*\n/gm, `import { ${name} } from './${file}';\n`, path),
      /export const catalogue = \{[^}]*(?=\n\} as const)/g,
      `\n  '${type}': ${name},`,
      path,
    );
  return {
    files,
    changes: new Map([
      ['events/catalogue.ts', change],
      ['events/event-types.ts', (text, path) => insertAfter(text, /^ {2}'.*',/gm, `\n  '${type}',`, path)],
    ]),
    next: [
      `events/${file}.ts: its fields, and an example; then npm run docs`,
      `npx jest events/${file}.test.ts`,
      'npm run check',
      `npm run ops -- subscriptions add ${type}.Webhook --event-type ${type} --consumer webhook`,
      'To store it in tables of its own: docs/add-an-event.md',
    ],
  };
}
