import type { Label } from "./family.ts";

const SERVICES = "services of the policy and of the registry that are in use, at most 1,000";
const LISTENERS = "listeners of the policy";

export const SERVICE: Label = { name: "service", attribute: "server.address", values: SERVICES };
export const CLUSTER: Label = { name: "envoy_cluster_name", attribute: "server.address", values: SERVICES };
export const ENDPOINT: Label = {
  name: "endpoint",
  attribute: "weft.endpoint",
  values: "ids of endpoints that are members now, at most 2,000 over all services",
};
export const METHOD: Label = { name: "method", attribute: "weft.method", values: "`read`, `write`, `grpc`" };
export const STATUS: Label = {
  name: "status",
  attribute: "weft.status",
  values: "`1xx` to `5xx`, and `none` where the caller got no answer",
};
export const GRPC_STATUS_LABEL: Label = {
  name: "status",
  attribute: "rpc.status_code",
  values: "gRPC's 17 names, and `OTHER`",
};
export const STATUS_DIGIT: Label = {
  name: "envoy_response_code_class",
  attribute: "weft.status",
  values: "`1` to `5`",
};
export const REASON: Label = { name: "reason", attribute: "weft.reason", values: "a closed set, see the meaning" };
export const FLAG: Label = { name: "flag", attribute: "weft.flag", values: "letters of the access log" };
export const LIMIT: Label = { name: "limit", attribute: "weft.limit", values: "the limits of a policy" };
export const BREAKER: Label = { name: "state", attribute: "weft.breaker", values: "`closed`, `open`, `half-open`" };
export const BREAKER_TO: Label = { ...BREAKER, name: "to" };
export const FRESHNESS: Label = {
  name: "state",
  attribute: "weft.freshness",
  values: "`pending`, `live`, `stale`, `snapshot`",
};
export const CPU_MODE: Label = { name: "mode", attribute: "cpu.mode", values: "`user`, `system`" };
export const LISTENER: Label = { name: "listener", attribute: "weft.listener", values: LISTENERS };
export const LISTENER_ADDRESS: Label = { ...LISTENER, name: "envoy_listener_address" };
export const LISTENER_PREFIX: Label = { ...LISTENER, name: "envoy_http_conn_manager_prefix" };
