/** The name under which spans and numbers of weft are found, whichever home they come from: the instrumentation scope. */
export const SCOPE = "weft";
