import type { Rule, Story } from "../rule.ts";
import { ERRORS } from "./errors.ts";
import { CONNECTION_FRAMES, REST_OF_FRAMES, STREAM_FRAMES } from "./frame-types.ts";
import { FRAMES } from "./frames.ts";
import { HPACK } from "./hpack.ts";
import { FIELDS, FRAMING, PSEUDO_HEADERS, STANDING } from "./messages.ts";
import { CLIENT_STORIES } from "./stories-client.ts";
import { SERVER_STORIES } from "./stories-server.ts";
import { STREAMS } from "./streams.ts";

/** What a peer may not do, or may. */
export const RULES: readonly Rule[] = [
  ...FRAMES,
  ...STREAMS,
  ...ERRORS,
  ...STREAM_FRAMES,
  ...CONNECTION_FRAMES,
  ...REST_OF_FRAMES,
  ...FRAMING,
  ...FIELDS,
  ...PSEUDO_HEADERS,
  ...STANDING,
  ...HPACK,
];

/** What weft does by itself. */
export const STORIES: readonly Story[] = [...SERVER_STORIES, ...CLIENT_STORIES];
