import { readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';

export const root = join(__dirname, '..', '..');
const folder = 'scripts/new/templates';

/** Names of a template's own things, each with the copy's name. Longer names come first. */
export type Renames = readonly (readonly [from: string, to: string])[];

/** A file of a template, and the place of its copy, both as paths from the root. */
export type Placing = readonly [template: string, target: string];

/**
 * The files that a template makes, by path from the root. Relative imports lead to the same files as in the template, and those of other
 * files of the template to their copies.
 *
 * @param placings by paths in the folder of templates
 */
export async function fillTemplate(placings: readonly Placing[], renames: Renames): Promise<Map<string, string>> {
  const targets = new Map(placings.map(([from, to]) => [withoutEnding(join(folder, from)), withoutEnding(to)]));
  const made = await Promise.all(
    placings.map(async ([from, to]) => {
      const path = join(folder, from);
      const moved = (await readFile(join(root, path), 'utf8')).replaceAll(
        /(?<=from '|import\(')(\.[^']*)(?=')/g,
        (link) => moveLink(link, path, to, targets),
      );
      return [to, renames.reduce((text, [old, name]) => text.replaceAll(old, name), moved)] as const;
    }),
  );
  return new Map(made);
}

/** A relative import of a file, as the file has it in its new place. */
function moveLink(link: string, path: string, to: string, targets: ReadonlyMap<string, string>): string {
  const aim = normalize(join(dirname(path), link)); // `.js` of a loaded module stays
  const ending = aim.endsWith('.js') ? '.js' : '';
  const bare = ending === '' ? aim : withoutEnding(aim);
  const found = relative(dirname(to), targets.get(bare) ?? bare);
  return `${found.startsWith('.') ? '' : './'}${found}${ending}`;
}

const withoutEnding = (path: string): string => path.replace(/\.(?:ts|js)$/, '');
