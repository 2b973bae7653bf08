import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { failureTypes } from '../activities/failures';
import { RUNBOOK_SECTIONS } from '../ops/status';

const root = resolve(__dirname, '..');
const documentation = tracked('docs/*.md');
const pages = ['README.md', ...documentation, 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];
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

const lengthOf = (page: string): number => read(page).trimEnd().split('\n').length;

it('README fits in 150 lines', () => {
  expect(lengthOf('README.md')).toBeLessThanOrEqual(150);
});

it('no page has more than 250 lines', () => {
  expect(documentation.filter((page) => lengthOf(page) > 250)).toEqual([]);
});

it('the map names every page, or the page whose folder has it', () => {
  const named = [...read('docs/README.md').matchAll(/\]\(([^)#]+\.md)/g)].map(([, link = '']) => join('docs', link));
  const isNamed = (page: string): boolean =>
    page === 'docs/README.md' || named.includes(page) || named.includes(`${dirname(page)}.md`);
  expect(documentation.filter((page) => !isNamed(page))).toEqual([]);
});

const folders = tracked('*').map((path) => path.split('/')[0] ?? '');
const aPath = new RegExp(`(?<![\\w/.@-])(?:${[...new Set(folders)].join('|')})/[\\w.@/-]+\\w(?![\\w*-])`, 'g');

it.each(pages.filter((page) => page !== 'CHANGELOG.md'))('%s names files that are there', (page) => {
  // Links and addresses are no paths from the root, and what an example is to become is not there yet.
  const text = read(page).replaceAll(/<!--[^]*?-->|https?:\S+|\]\([^)]*\)/g, '');
  const isThere = (path: string): boolean =>
    [path, `${path}.ts`, path.replace(/\.js$/, '.ts')].some((file) => existsSync(join(root, file)));
  const coming = [...read(page).matchAll(/, to be (\S+) -->/g)].map(([, place = '']) => place);
  const named = [...text.matchAll(aPath)].map(([path]) => path);
  const missing = named.filter((path) => !isThere(path) && !coming.some((place) => place.startsWith(path)));
  expect(missing).toEqual([]);
});

it('docs/architecture.md names every file that writes a delivery', () => {
  const writing = tracked('db/*.ts').filter((file) => !file.endsWith('.test.ts') && WRITES_DELIVERY.test(read(file)));
  expect(writing.length).toBeGreaterThan(5);
  expect(writing.filter((file) => !read('docs/architecture.md').includes(`\`${file}\``))).toEqual([]);
});

const WRITES_DELIVERY = /\b(insert into|update|delete from) delivery\b/;

/** Of the rules in .oxlintrc.json, what is read of them. */
interface Lint {
  readonly overrides: readonly {
    readonly files: readonly string[];
    readonly rules: { readonly 'eslint/no-restricted-imports'?: readonly [string, { readonly patterns: Pattern[] }] };
  }[];
}

interface Pattern {
  readonly group: readonly string[];
  readonly allowTypeImports?: boolean;
}

/** The cells of a floor as the rules have them: what it may import, by value and as types only, and which packages. */
function ruledCells(floor: string, floors: readonly string[], { overrides }: Lint): string[] {
  const rules = overrides.filter(({ files }) => files.some((glob) => glob.startsWith(`${floor}/**/`)));
  const { patterns } = rules.findLast(({ rules }) => 'eslint/no-restricted-imports' in rules)!.rules[
    'eslint/no-restricted-imports'
  ]![1];
  const anyPackage = '{[!.]*,[!.]*/**}';
  const refused = patterns.filter(({ group }) => !group.includes(anyPackage));
  const refusing = (other: string) =>
    refused.filter(({ group }) => group.some((glob) => foldersIn(glob).includes(other)));
  const imported = floors
    .filter((other) => other !== floor)
    .flatMap((other) => {
      const ways = refusing(other).filter(({ allowTypeImports }) => allowTypeImports !== true);
      if (ways.length > 0) return ways.flatMap(({ group }) => exceptionsIn(group, other));
      return refusing(other).length === 0 ? [other] : [];
    });
  const types = floors.filter(
    (other) => refusing(other).length > 0 && refusing(other).every(({ allowTypeImports }) => allowTypeImports),
  );
  const only = patterns.find(({ group }) => group.includes(anyPackage));
  const packages = only
    ? only.group.filter((glob) => glob.startsWith('!') && !glob.endsWith('/**')).map((glob) => glob.slice(1))
    : refused.flatMap(({ group }) => group.filter((glob) => !glob.includes('**')));
  return [inCode(imported), inCode(types), `${only ? '' : 'all but '}${inCode(packages)}`];
}

const inCode = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** The folders of `**\/{a,b}/**` or of `**\/a/**`. */
const foldersIn = (glob: string): string[] => /^\*\*\/\{?([\w,]+)\}?\/\*\*$/.exec(glob)?.[1]?.split(',') ?? [];

/** Files of a folder that a rule lets through, without the endings that they may have. */
const exceptionsIn = (group: readonly string[], folder: string): string[] =>
  group.filter((glob) => glob.startsWith(`!**/${folder}/`)).map((glob) => glob.slice(4).replace('{,.js}', ''));

describe('the table of floors in CONTRIBUTING', () => {
  const lint = JSON.parse(read('.oxlintrc.json').replaceAll(/^\s*\/\/.*$/gm, '')) as Lint;
  const rows = [...read('CONTRIBUTING.md').matchAll(/^\| `([a-z]+)` .*$/gm)].map(([row, floor = '']) => {
    const [, , imported = '', types = '', packages = ''] = row
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    return [floor, [imported, types, packages]] as const;
  });
  const floors = rows.map(([floor]) => floor);

  it('names every folder that has a rule and is there', () => {
    const ruled = lint.overrides.flatMap(({ files, rules }) => ('eslint/no-restricted-imports' in rules ? files : []));
    const named = ruled.map((glob) => glob.split('/')[0] ?? '').filter((name) => existsSync(join(root, name)));
    expect([...floors].sort()).toEqual([...new Set(named)].sort());
  });

  it.each(rows)('has for %s what the lint allows', (floor, cells) => {
    expect(cells).toEqual(ruledCells(floor, floors, lint));
  });

  it.each(rows)('has below %s all that it imports', (floor, [imported]) => {
    const names = [...imported.matchAll(/`(\w+)/g)].map(([, name = '']) => floors.indexOf(name));
    expect(Math.max(-1, ...names)).toBeLessThan(floors.indexOf(floor));
  });
});

/** Blocks that say which example or template they are: `<!-- docs/examples/a.ts, to be b/a.ts -->` in the line above. */
const blocks = pages.flatMap((page) =>
  [
    ...read(page).matchAll(
      /<!-- ((?:docs\/examples|scripts\/new\/templates)\/\S+), to be (\S+) -->\n\n```\w+\n([^]*?)```/g,
    ),
  ].map(([, example = '', place = '', code = '']) => ({ page, example, place, code })),
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
  const shown = blocks.map(({ example }) => example).filter((path) => path.startsWith('docs/'));
  expect(shown.sort()).toEqual(examples.sort());
});

it('the runbook has a section for each task of ops status, and for each failure of a delivery', () => {
  const headings = [...read('docs/runbook.md').matchAll(/^##+ (.*)$/gm)].map(([, title]) => title);
  const wanted = [...RUNBOOK_SECTIONS, ...Object.keys(failureTypes)];
  expect(wanted.filter((title) => !headings.includes(title))).toEqual([]);
});

it('every alarm says who looks when, and names the section of the runbook that says what to do', () => {
  const rows = [...read('docs/alarms.md').matchAll(/^\| .*$/gm)].map(([row]) => row);
  const alarms = rows.filter((row) => !/^\| (what|-+) /.test(row));
  expect(alarms.length).toBeGreaterThan(30);
  const severity = /\| (?:page|ticket): \[[^\]]+\]\(runbook\.md#[\w-]+\) +\|/;
  expect(alarms.filter((row) => !severity.test(row))).toEqual([]);
});

it('alarms on what workers and publishers count', () => {
  const named = [...read('docs/alarms.md').matchAll(/chat_events_\w+/g)].map(([name]) => name);
  const counted = read('workers/metrics.ts') + read('docs/metrics.md');
  expect(named.filter((name) => !counted.includes(name))).toEqual([]);
});
