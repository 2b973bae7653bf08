import fs, { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalReader } from './journal-reader';

test.each(['released', 'journal.damaged'])('a file that becomes *.%s while the folder is read is read', async (end) => {
  const dir = await mkdtemp(join(tmpdir(), 'journal-'));
  await writeFile(join(dir, `0000000001.${end}`), '');
  const readdir = jest.spyOn(fs, 'readdir').mockResolvedValueOnce(['0000000001.journal'] as never);
  const reader = await JournalReader.open(dir);
  readdir.mockRestore();
  expect(reader.files.map(({ name }) => name)).toEqual([`0000000001.${end}`]);
  await reader.close();
  await rm(dir, { recursive: true });
});
