/** A request that was answered whole. */
export interface HttpExchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Gets what is answered, secrets and all. */
export type OnAnswer = (exchange: HttpExchange) => void;
