import { rm } from 'node:fs/promises';

/** Stops and removes what global-setup made. */
export default async function globalTeardown(): Promise<void> {
  await Promise.all((globalThis.testServers ?? []).map((server) => server.stop()));
  if (globalThis.testFolder !== undefined) await rm(globalThis.testFolder, { recursive: true });
}
