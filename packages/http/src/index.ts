// Heads.
export { Fields, NO_FIELDS } from "./head/fields.ts";
export { RequestHead } from "./head/request-head.ts";
export { ResponseHead } from "./head/response-head.ts";
export { grpcStatusOf, isGrpcType } from "./head/grpc-fields.ts";
export type { HttpVersion } from "./head/http-version.ts";
export { SEEN } from "./head/seen.ts";
export type { HeadLimits } from "./head/head-parser.ts";

// Bodies.
export type { BodySink, BodySource } from "./wire/body.ts";
export { bytesOf, type WholeBody } from "./wire/whole-body.ts";
export { NOWHERE } from "./wire/nowhere.ts";
export { ContentOnly } from "./wire/content-only.ts";

// An exchange, whatever its protocol.
export type { CallerExchange, CallerTunnel, ExchangeHooks } from "./exchange/caller-exchange.ts";
export type { EndpointBody, EndpointExchange, ResponseReceiver } from "./exchange/endpoint-exchange.ts";
export type { OutgoingRequest } from "./exchange/outgoing-request.ts";

// The side that listens.
export { HttpServer } from "./server/http-server.ts";
export type { HttpServerOptions, RefusedBytes } from "./server/http-server.ts";
export type { ListenAddress } from "./server/acceptors.ts";
export { SERVER_LIMITS } from "./server/server-limits.ts";
export type { ServerLimits } from "./server/server-limits.ts";

// The side that calls.
export { ownRequest } from "./client/own-request.ts";
export type { OwnRequest } from "./client/own-request.ts";
export { ServicePools } from "./client/service-pools.ts";
export type { ServicePoolsOptions } from "./client/service-pools.ts";
export { connectionCounts } from "./client/connection-counts.ts";
export type { ConnectionCounts } from "./client/connection-counts.ts";
export type { ExchangeFailure, ExchangePhase } from "./client/exchange-failure.ts";
export type { EndpointProtocol } from "./client/endpoint-connections.ts";

// What HTTP/2 grants a peer, and what happened on its connections.
export { HTTP2_LIMITS, http2Counts } from "./http2/http2-limits.ts";
export type { Http2Counts, Http2Limits } from "./http2/http2-limits.ts";
export { heldBytes } from "./http2/held-bytes.ts";
export { coalescedWaits, coalesceTurns } from "./http2/coalescing.ts";

// Connections that are nobody's protocol.
export { joinSockets } from "./tunnel/join-sockets.ts";
export type { Tunnel, TunnelEnd, TunnelOptions } from "./tunnel/join-sockets.ts";
export type { OwnReads, ReadSink } from "./tunnel/own-reads.ts";
export { PooledReads } from "./tunnel/pooled-reads.ts";
export { dial } from "./dial/dial.ts";
export type { Dialer, Dialing, DialOptions, DialTarget, DialTls } from "./dial/dial.ts";
export type { DialFailure, DialFailureKind } from "./dial/dial-failure.ts";
export { joinBodies } from "./tunnel/join-bodies.ts";
export type { Bodies, JoinedBodies } from "./tunnel/join-bodies.ts";
export { LateBody } from "./tunnel/late-body.ts";
export { webSocketAccept } from "./client/web-socket-key.ts";
export { resetSocket } from "./tunnel/reset-socket.ts";
export { freeBytes } from "./tunnel/free-bytes.ts";

// Who connected to whom, before a connection's own bytes.
export { parseProxyHeader } from "./proxy-protocol/parse-proxy-header.ts";
export { writeProxyHeader } from "./proxy-protocol/write-proxy-header.ts";
export type { ProxyAddress, ProxyHeader } from "./proxy-protocol/proxy-header.ts";
