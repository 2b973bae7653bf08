import type { Connection, WorkflowClientInterceptor } from '@temporalio/client';
import { INSTALLATION } from '../protocol/constants';
import { isNotPermitted } from './grpc-code';
import type { Installation } from './installation';

/** Of `grpc.connectivityState`. */
const READY = 2;

/** The part of a gRPC channel that is used here. */
interface Channel {
  getConnectivityState(tryToConnect: boolean): number;
  watchConnectivityState(from: number, deadline: number, onChange: () => void): void;
}

/**
 * Asks the namespace, before the first start on each connection to the server, to which installation it belongs: after a
 * restart another server may have the address. Each start asks within its own deadline, until one has had an answer.
 */
export class InstallationGuard {
  readonly #connection: Connection;
  readonly #namespace: string;
  readonly #installation: Installation;
  #isKnown = false;

  constructor(connection: Connection, namespace: string, installation: Installation) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.#installation = installation;
  }

  /** @throws WrongInstallation; the server's error when it does not answer */
  async check(): Promise<void> {
    if (!this.#isKnown) await this.#ask();
  }

  readonly interceptor: WorkflowClientInterceptor = {
    start: async (input, next) => {
      await this.check();
      return await next(input);
    },
    signalWithStart: async (input, next) => {
      await this.check();
      return await next(input);
    },
  };

  async #ask(): Promise<void> {
    const answer = await this.#connection.workflowService
      .describeNamespace({ namespace: this.#namespace })
      .catch((error: unknown) => {
        if (isNotPermitted(error)) return undefined; // a publisher's right to start workflows is enough
        throw error;
      });
    this.#installation.meet(answer?.namespaceInfo?.data?.[INSTALLATION] ?? undefined);
    const channel = channelOf(this.#connection);
    if (this.#isKnown || channel.getConnectivityState(false) !== READY) return;
    this.#isKnown = true;
    channel.watchConnectivityState(READY, Infinity, () => void (this.#isKnown = false));
  }
}

/** The SDK hides its gRPC client from the types of other classes only. */
const channelOf = (connection: Connection): Channel =>
  (connection as unknown as { readonly client: { getChannel(): Channel } }).client.getChannel();
