/** A request, as far as the headers go that came with it. `TracedRequest` is one. */
export interface HeaderSource {
  /**
   * Several lines of the name joined by `, `; undefined when there is none.
   *
   * @param name in lower case
   */
  header(name: string): string | undefined;
}
