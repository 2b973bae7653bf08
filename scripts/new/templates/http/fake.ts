import { startFakeServer, type FakeRequest, type Fault } from '../../../../activities/http/fake';

interface Options {
  readonly token?: string;
  /** Asked for each request; undefined = all goes well. */
  readonly fault?: (request: FakeRequest) => Fault | undefined;
  /** Default: any free one. */
  readonly port?: number;
}

/** A notice service on 127.0.0.1 that keeps each notice by its idempotency key, and fails as it is told. */
export async function startNoticeServer({ token = 'example-token', fault, port = 0 }: Options = {}) {
  const notices = new Map<string, unknown>();
  const { origin, ...server } = await startFakeServer({
    handle({ method, headers, body }) {
      if (headers.authorization !== `Bearer ${token}`) return { status: 401 };
      if (method === 'POST') notices.set(String(headers['idempotency-key']), JSON.parse(body));
      return { status: 204 };
    },
    fault,
    port,
  });
  const url = `${origin}/notices`;
  return { ...server, url, notices, account: { config: { url }, secrets: { token } } };
}
