import { DatabaseClient } from '../../db/database-client';

interface Notices {
  close(): Promise<void>;
}

async function open(connectionString: string) {
  const client = new DatabaseClient({ connectionString });
  await client.connect();
  return client;
}

/** @returns the function that tells listeners of this database of new jobs; calls during a notice share the next one */
export async function notifyOfJobs(url: string): Promise<Notices & { notify(): void }> {
  const client = await open(url);
  let isTelling = false;
  let isDue = false;
  const tell = async (): Promise<void> => {
    isTelling = true;
    while (isDue) {
      isDue = false;
      await client.query(`notify jobs`);
    }
    isTelling = false;
  };
  return {
    notify() {
      isDue = true;
      if (!isTelling) void tell();
    },
    close: () => client.end(),
  };
}

/** Calls when it is told so. */
export async function listenForJobs(url: string, onJobs: () => void): Promise<Notices> {
  const client = await open(url);
  client.on('notification', onJobs);
  await client.query(`listen jobs`);
  return { close: () => client.end() };
}
