/** Where lines go. Writes one piece at a time: the next `write` comes after `done`. */
export interface Sink {
  /**
   * Writes the bytes from `from` on, or some of them.
   *
   * @param done told once, never within `write` itself: how many bytes were taken, or why none
   */
  write(bytes: Buffer, from: number, done: (error: NodeJS.ErrnoException | null, written: number) => void): void;
  /** Whether `reopen` makes sense. */
  readonly named: boolean;
  /** Opens the same name anew for the writes that follow. @throws the system's error; then nothing has changed */
  reopen(): Promise<void>;
  /** Lets go of what it opened itself, once no write is under way. */
  close(): void;
}
