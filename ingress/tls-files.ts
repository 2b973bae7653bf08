import { readFileSync } from 'node:fs';
import { createSecureContext, type Server } from 'node:tls';
import { watchFiles } from './watch-files';

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Gives the server the files of today when they change. @returns ends it */
  serve(server: Server): () => void;
}

/**
 * Certificate and key of a server. A change that cannot be used is reported, and the files before it stay in use.
 *
 * @throws the file system's error, or that of OpenSSL for files that do not go together
 */
export function openTlsFiles(certFile: string, keyFile: string, report: (problem: string) => void): TlsFiles {
  const read = () => {
    const files = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    createSecureContext(files); // throws where they cannot be used
    return files;
  };
  return {
    ...read(),
    serve: (server) =>
      watchFiles([certFile, keyFile], {
        read: () => server.setSecureContext(read()),
        report: (problem) =>
          report(`${certFile} and ${keyFile} cannot be used, so those before stay in use: ${problem}`),
      }),
  };
}
