import type { RecordNames } from "./read-record.ts";

/** For records of a log that belongs to no cluster: each node by its number, and no groups. */
export const PLAIN: RecordNames = { endpoint: String, group: () => undefined };
