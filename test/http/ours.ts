// The parts of the engine that are held against Node's own parser.
export { ChunkedDecoder } from "../../packages/http/src/wire/chunked-decoder.ts";
export { DEFAULT_HEAD_LIMITS, parseRequestHead, parseResponseHead } from "../../packages/http/src/head/head-parser.ts";
export { responseFraming } from "../../packages/http/src/head/framing.ts";
export { REFUSALS } from "../../packages/http/src/head/refusals.ts";
export type { RefusalCode } from "../../packages/http/src/head/refusal.ts";
export type { RequestHead } from "../../packages/http/src/head/request-head.ts";
export type { ResponseHead } from "../../packages/http/src/head/response-head.ts";
