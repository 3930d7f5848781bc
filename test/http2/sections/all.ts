import type { Rule, Story } from "../rule.ts";
import { CONNECTS } from "./connect.ts";
import { CONTINUATION } from "./continuation.ts";
import { DATA } from "./data.ts";
import { ERRORS } from "./errors.ts";
import { FIELDS } from "./fields.ts";
import { FRAMES } from "./frames.ts";
import { GOAWAY } from "./goaway.ts";
import { HEADERS } from "./headers.ts";
import { HPACK } from "./hpack.ts";
import { MALFORMED_MESSAGES } from "./malformed.ts";
import { MESSAGE_FRAMING } from "./message-framing.ts";
import { OWN_MESSAGES } from "./own-messages.ts";
import { PING } from "./ping.ts";
import { PREFACES } from "./preface.ts";
import { PRIORITY } from "./priority.ts";
import { PSEUDO_HEADERS } from "./pseudo-headers.ts";
import { PUSH_PROMISE } from "./push-promise.ts";
import { RELIABILITY } from "./reliability.ts";
import { RST_STREAM } from "./rst-stream.ts";
import { SETTINGS } from "./settings.ts";
import { STREAM_NUMBERS } from "./stream-numbers.ts";
import { STREAM_STATES } from "./stream-states.ts";
import { TLS } from "./tls.ts";
import { WINDOW_UPDATE } from "./window-update.ts";
import { WINDOWS_AS_CLIENT } from "./windows-as-client.ts";
import { WINDOWS_AS_SERVER } from "./windows-as-server.ts";

/** Every rule that has a test, section by section. */
export const RULES: readonly (Rule | Story)[] = [
  ...TLS,
  ...PREFACES,
  ...FRAMES,
  ...STREAM_STATES,
  ...STREAM_NUMBERS,
  ...ERRORS,
  ...DATA,
  ...HEADERS,
  ...PRIORITY,
  ...RST_STREAM,
  ...SETTINGS,
  ...PUSH_PROMISE,
  ...PING,
  ...GOAWAY,
  ...WINDOW_UPDATE,
  ...WINDOWS_AS_SERVER,
  ...WINDOWS_AS_CLIENT,
  ...CONTINUATION,
  ...MESSAGE_FRAMING,
  ...MALFORMED_MESSAGES,
  ...FIELDS,
  ...PSEUDO_HEADERS,
  ...OWN_MESSAGES,
  ...CONNECTS,
  ...RELIABILITY,
  ...HPACK,
];
