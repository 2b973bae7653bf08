import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { createHostResolver } from './dns/host-resolver';
import { createJudge, forbidden, ForbiddenAddress, judged, type GuardOptions } from './guard';

/** Connects to a server of a site. @throws DeliveryFailure InvalidConfig when it may not; otherwise an error like nodemailer's */
export type Dial = (host: string, port: number, signal: AbortSignal) => Promise<Socket>;

/** Checks without a name server. @throws DeliveryFailure InvalidConfig for a server to which it never connects */
export type JudgeServer = (host: string, port: number) => void;

const SERVER = 'The SMTP server';

const SMTP_PORTS = [25, 465, 587, 2525];
const CONNECT_WITHIN_MS = 10_000;

/** Connects to SMTP servers: at public addresses and on SMTP's usual ports, or at allowed addresses. It checks the very address. */
export function createSmtpDial({
  allowedAddresses,
  resolver = createHostResolver(),
}: GuardOptions): Dial & { readonly judge: JudgeServer } {
  const judgePorts = createJudge(allowedAddresses, `Only the ports ${SMTP_PORTS.join(', ')}.`);
  const judge = (host: string, port: number): void => judgePorts(host, SMTP_PORTS.includes(port));
  const dial: Dial = async (host, port, signal) => {
    const leave = resolver.hold(host);
    const within = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_WITHIN_MS)]);
    within.addEventListener('abort', leave, { once: true });
    try {
      const addresses =
        isIP(host) === 0 ? await named('EDNS', resolver.resolve(host)) : [{ address: host, family: isIP(host) }];
      for (const { address } of addresses) judge(address, port);
      const socket = connect({
        host,
        port,
        autoSelectFamily: true,
        lookup: (_host, _options, done) => done(null, addresses),
      });
      try {
        await named('ESOCKET', once(socket, 'connect', { signal: within }));
        return socket.on('error', () => {}); // the caller adds a listener, too
      } catch (error) {
        socket.on('error', () => {}).destroy();
        throw error;
      }
    } catch (error) {
      if (error instanceof ForbiddenAddress) throw forbidden(SERVER, error);
      if (signal.aborted) throw Object.assign(new Error('aborted'), { code: 'EABORT' });
      if (!within.aborted) throw error;
      throw Object.assign(new Error('timeout'), { code: 'ETIMEDOUT', timeoutType: 'CONNECT_TIMEOUT', command: 'CONN' });
    } finally {
      within.removeEventListener('abort', leave);
      leave();
    }
  };
  return Object.assign(dial, {
    judge: (host: string, port: number): void => judged(SERVER, () => judge(host, port)),
  });
}

/** An error with nodemailer's code, and the system's as `originalCode`. */
async function named<T>(code: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code: originalCode } = error as { code?: string };
    throw Object.assign(new Error(`${code} ${originalCode}`, { cause: error }), {
      code,
      originalCode,
      command: 'CONN',
    });
  }
}
