import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';

export interface S3Server {
  /** Region, credentials and address, as the SDK of AWS reads them. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** A small server with the interface of S3, and one bucket, whose objects are files below `dir`. It checks the id of the key, not its secret. */
export async function startS3(dir: string, bucket: string): Promise<S3Server> {
  const program = join(dirname(require.resolve('s3rver/package.json')), 'bin', 's3rver.js');
  const options = ['--directory', dir, '--address', '127.0.0.1', '--port', '0', '--configure-bucket', bucket];
  const server = spawn(process.execPath, [program, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  let said = '';
  const address = await new Promise<string>((resolve, reject) => {
    server.stdout.on('data', (text) => {
      const [, found] = /listening on (\S+:\d+)/.exec((said += String(text))) ?? [];
      if (found !== undefined) resolve(found);
    });
    server.once('exit', () => reject(new Error(`The S3 server did not start: ${said}`)));
  });
  return {
    environment: {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'S3RVER',
      AWS_SECRET_ACCESS_KEY: 'S3RVER',
      AWS_ENDPOINT_URL_S3: `http://${address}`,
    },
    stop: async () => {
      server.kill('SIGKILL');
      await ended;
    },
  };
}
