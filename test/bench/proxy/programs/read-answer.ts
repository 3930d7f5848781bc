/**
 * Counts the bytes of one HTTP/1.1 answer with a Content-Length. Only for answers of endpoints that are known to give
 * one, whose head comes in one piece: clients of benchmarks should cost little.
 */
export class AnswerReader {
  #left = -1;

  /** For the next answer. */
  reset(): void {
    this.#left = -1;
  }

  /**
   * @returns whether the answer is complete with these bytes
   * @throws Error for a status other than 200, or an answer that it cannot count
   */
  read(bytes: Buffer): boolean {
    if (this.#left >= 0) this.#left -= bytes.length;
    else {
      const end = bytes.indexOf("\r\n\r\n");
      const head = bytes.toString("latin1", 0, end);
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
      if (end < 0 || length === undefined || head.slice(9, 12) !== "200")
        throw new Error(`not an answer: ${head.split("\r\n", 1)[0]}`);
      this.#left = Number(length) - (bytes.length - end - 4);
    }
    return this.#left <= 0;
  }
}
