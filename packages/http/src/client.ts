/**
 * What an HTTP/1.1 client of its own needs of the engine, and nothing of HTTP/2 or of servers: connections to one
 * endpoint, heads, and bodies in chunks.
 */
export { EndpointPool } from "./client/endpoint-pool.ts";
export type { EndpointPoolOptions } from "./client/endpoint-pool.ts";
export type { CarriedExchange } from "./client/carried-exchange.ts";
export type { ClientConnection } from "./client/client-connection.ts";
export { connectionCounts } from "./client/connection-counts.ts";
export type { ConnectionCounts } from "./client/connection-counts.ts";
export { lostConnection, unreadableAnswer } from "./client/exchange-failure.ts";
export type { ExchangeFailure, ExchangePhase } from "./client/exchange-failure.ts";
export { writeWhole } from "./client/write-whole.ts";
export { openSocket } from "./dial/dial.ts";
export type { DialOptions, DialTarget, DialTls } from "./dial/dial.ts";
export { Fields, NO_FIELDS } from "./head/fields.ts";
export { responseFraming } from "./head/framing.ts";
export type { Framing } from "./head/framing.ts";
export type { HeadLimits } from "./head/head-limits.ts";
export { latin1 } from "./head/latin1.ts";
export type { Refusal } from "./head/refusal.ts";
export { ResponseHead } from "./head/response-head.ts";
export { parseResponseHead } from "./head/response-parser.ts";
export { ChunkedDecoder } from "./wire/chunked-decoder.ts";
export type { ChunkedDecoderOptions, ChunkSink } from "./wire/chunked-decoder.ts";
export { SHARED } from "./wire/read-buffers.ts";
