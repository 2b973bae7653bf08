/** One thing that is wrong with an event. */
export interface Problem {
  /** Where, in the sender's spelling, e.g. `data.Chat.BotActions[3].Time`. */
  readonly path: string;
  /** What is expected there; never the value that was found, which may be private. */
  readonly problem: string;
}
