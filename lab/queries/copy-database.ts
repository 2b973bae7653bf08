import { DatabaseClient } from '../../db/database-client';

/** Copies a database that has no session, on its server. @returns the copy's address */
export async function copyDatabase(url: string, name: string): Promise<string> {
  const copy = new URL(url);
  const original = copy.pathname.slice(1);
  const admin = new URL(url);
  admin.pathname = '/postgres';
  const client = new DatabaseClient({ connectionString: admin.href });
  await client.connect();
  try {
    await client.query(`create database "${name}" template "${original}"`);
  } finally {
    await client.end();
  }
  copy.pathname = `/${name}`;
  return copy.href;
}
