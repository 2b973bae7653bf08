import { connect } from 'node:http2';

const HEALTH_PATH = '/grpc.health.v1.Health/Check';
const FRONTEND = 'temporal.api.workflowservice.v1.WorkflowService';
const SERVING = 1;

/**
 * Asks a Temporal server's standard gRPC health service, in one HTTP/2 request, whether it serves workflows.
 * False when it does not, does not answer within the time (milliseconds), or cannot be reached; never throws.
 */
export function grpcHealth(address: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const timer = setTimeout(() => finish(false), timeoutMs);
    const finish = (serving: boolean): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(serving);
    };
    session.on('error', () => finish(false));
    const request = session.request({
      ':method': 'POST',
      ':path': HEALTH_PATH,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const body: Buffer[] = [];
    request.on('error', () => finish(false));
    request.on('data', (chunk: Buffer) => body.push(chunk));
    // A gRPC message is five bytes of header and a protobuf; in the answer's, field 1 is the status.
    request.on('end', () =>
      finish(
        Buffer.concat(body)
          .subarray(5)
          .equals(Buffer.from([0x08, SERVING])),
      ),
    );
    const name = Buffer.from(FRONTEND);
    request.end(Buffer.concat([Buffer.from([0, 0, 0, 0, name.length + 2, 0x0a, name.length]), name]));
  });
}
