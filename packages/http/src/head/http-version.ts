/** What a message came in. */
export type HttpVersion = "1.0" | "1.1" | "2";
