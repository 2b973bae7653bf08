/** A request with its whole answer. */
export interface HttpExchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Called with each answer, secrets included. */
export type OnAnswer = (exchange: HttpExchange) => void;
