import { startDnsServer } from '../../activities/http/dns/fake';

/** Knows the names of the sites' endpoints, which are all on this machine. */
export interface NameServer {
  /** `address:port` */
  readonly address: string;
  hostOf(site: string): string;
  /** From now on it says nothing of the silent site's endpoint. */
  silence(): void;
  answer(): void;
  close(): Promise<void>;
}

export async function startNameServer(silentSite: string): Promise<NameServer> {
  const hostOf = (site: string): string => `endpoint.site-${site}.test`;
  let isSilent = false;
  const { address, close } = await startDnsServer({
    answer: (name) => (isSilent && name === hostOf(silentSite) ? 'silent' : ['127.0.0.1']),
  });
  return {
    address,
    hostOf,
    silence: () => void (isSilent = true),
    answer: () => void (isSilent = false),
    close,
  };
}
