import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDrift, writeMigration } from './drift';
import { prismaFolder } from './migration-files';

const schema = readFileSync(join(prismaFolder, 'schema.prisma'), 'utf8');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prisma-'));
  cpSync(prismaFolder, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const shadow = () => process.env['TEST_POSTGRES_URL'] ?? '';

describe('npm run migrate -- --check', () => {
  it('finds that schema.prisma and the migrations agree', async () => {
    expect(await findDrift(shadow())).toBe('');
  });

  it('notices what schema.prisma has more, less, or different', async () => {
    const changed = schema
      .replace(/(model Event \{\n)/, '$1  note String?\n')
      .replace(/where: \{ state: "parked" \}/, 'where: { state: "pending" }')
      .replace(/ @default\("active"\)/, '');
    writeFileSync(join(folder, 'schema.prisma'), changed);

    const drift = await findDrift(shadow(), folder);

    for (const missing of ['ADD COLUMN     "note" TEXT', 'CREATE INDEX', 'ALTER COLUMN "state" DROP DEFAULT']) {
      expect(drift).toContain(missing);
    }
  });
});

describe('npm run migrate -- --diff', () => {
  it('writes the migration that brings both together again', async () => {
    mkdirSync(join(folder, 'migrations', '99990101000000_undone'));
    const undone = join(folder, 'migrations', '99990101000000_undone', 'migration.sql');
    writeFileSync(undone, 'ALTER TABLE event ADD COLUMN note text;');

    const file = writeMigration('event_note', await findDrift(shadow(), folder), folder);
    expect(file).toMatch(/\/migrations\/\d{14}_event_note\/migration\.sql$/);
    expect(readFileSync(file, 'utf8')).toContain('DROP COLUMN "note"');
    expect(() => writeMigration('Event-Note', '', folder)).toThrow('snake_case');
  });
});
