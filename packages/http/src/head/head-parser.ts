export { DEFAULT_HEAD_LIMITS, type HeadLimits } from "./head-limits.ts";
export { parseRequestHead } from "./request-parser.ts";
export { parseResponseHead } from "./response-parser.ts";
