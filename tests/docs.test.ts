import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(__dirname, '..');
const pages = ['README.md', ...tracked('docs/*.md'), 'CHANGELOG.md', 'CONTRIBUTING.md'];
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Committed, and files that will be. */
function tracked(pattern: string): string[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', pattern];
  return execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
}

/** Where the heading of a page can be linked to, as GitHub names it. */
function anchorsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(pages)('%s', (page) => {
  it('links to what is there', () => {
    const broken = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : relative(root, resolve(root, dirname(page), path));
        return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
      });
    expect(broken).toEqual([]);
  });

  it('names npm scripts that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

it('README fits in 150 lines', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
});

/** Blocks that say which example they are: `<!-- docs/examples/a.ts, to be b/a.ts -->` in the line above. */
const blocks = pages.flatMap((page) =>
  [...read(page).matchAll(/<!-- (docs\/examples\/\S+), to be (\S+) -->\n\n```\w+\n([^]*?)```/g)].map(
    ([, example = '', place = '', code = '']) => ({ page, example, place, code }),
  ),
);

/** The same code wherever it stands: relative imports as paths from the root. */
function rooted(code: string, path: string): string {
  return code.replaceAll(
    /from '(\.[^']*)'/g,
    (_, to: string) => `from '${relative(root, resolve(root, dirname(path), to))}'`,
  );
}

it.each(blocks)('$page shows $example as it is compiled', ({ example, place, code }) => {
  expect(rooted(code, place)).toBe(rooted(read(example), example));
});

it('every example is shown', () => {
  const examples = tracked('docs/examples/*').filter((path) => !/\.test\.ts$|\.json$/.test(path));
  expect(blocks.map(({ example }) => example).sort()).toEqual(examples.sort());
});
