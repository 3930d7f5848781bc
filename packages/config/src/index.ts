// What a user writes.
export type {
  BalancerInput,
  BalancerKind,
  FromEnvironment,
  HashCookieInput,
  HashOnInput,
  RingHash,
  RingInput,
  SubsetInput,
  ZonesInput,
} from "./input/balancer-input.ts";
export type {
  AdaptiveKind,
  AdmissionInput,
  LimitsInput,
  RateLimitInput,
  RuleLimitsInput,
  SharesInput,
} from "./input/limits-input.ts";
export type {
  BreakerInput,
  DiscoverInput,
  DiscoveryInput,
  GatewayInput,
  HealthInput,
  HedgeInput,
  OutliersInput,
  PolicyInput,
  Protocol,
  RetryInput,
  RetryOnName,
  RuleInput,
  RuleWhenInput,
  ServiceDefaultsInput,
  ServicePolicyInput,
  TimeoutInput,
} from "./input/policy-input.ts";
export type {
  AdminInput,
  AppProtocol,
  DrainInput,
  HttpListenerInput,
  InboundInput,
  InboundLimitsInput,
  InboundTimeoutsInput,
  ListenerLimitsInput,
  ListenerTimeoutsInput,
  OutboundInput,
  ProxyProtocolSend,
  RegisterCheckInput,
  RegisterCheckKind,
  RegisterInput,
  SidecarInput,
  TcpInput,
  Underscores,
} from "./input/sidecar-input.ts";
export type {
  AccessLogFormat,
  AccessLogInput,
  AccessLogTarget,
  AttemptsShown,
  MetricsInput,
  OtlpCompression,
  OtlpInput,
  PropagationInput,
  TelemetryInput,
  TraceFormat,
  TracingInput,
} from "./input/telemetry-input.ts";
export type { SameSite, StickyInput } from "./input/sticky-input.ts";
export type { KeyInput, ListenerTlsInput, TlsInput, TlsVersion } from "./input/tls-input.ts";
export type { Address, Duration, ListenAddress, Secret, Size } from "./input/units.ts";
export { durationMs, sizeBytes } from "./input/units.ts";

// From an object, a text, a file, a file that changes.
export { checkPolicy } from "./resolve/check-policy.ts";
export type { CheckedPolicy, CheckOptions, FieldOf, Policy } from "./resolve/check-policy.ts";
export { parsePolicy } from "./load/parse-policy.ts";
export type { ParseOptions } from "./load/parse-policy.ts";
export { loadPolicy } from "./load/load-policy.ts";
export { watchPolicy } from "./load/watch-policy.ts";
export type { PolicyWatch, WatchOptions } from "./load/watch-policy.ts";
export { readSecret } from "./load/read-secret.ts";
export { loadTls, tlsFiles } from "./tls/load-tls.ts";
export type { LoadedTls, LoadTlsOptions, TlsListener } from "./tls/load-tls.ts";
export type { TlsTexts } from "./tls/tls-texts.ts";

// What comes out.
export type {
  CallPolicy,
  Discover,
  HealthPolicy,
  HealthQuestion,
  HedgePolicy,
  LimitPolicy,
  RetryPolicy,
  RuleLimitPolicy,
  Rule,
  ServicePolicy,
  SubsetPolicy,
  ZonesPolicy,
  TimeoutPolicy,
} from "./resolve/service-policy.ts";
export type {
  AdminPolicy,
  DrainPolicy,
  HttpListenerPolicy,
  InboundPolicy,
  ListenerLimits,
  ListenerTimeouts,
  OutboundPolicy,
  RegisterCheck,
  RegisterPolicy,
  SidecarPolicy,
  SocketAddress,
  TcpPolicy,
} from "./resolve/sidecar-policy.ts";
export type { HashingPolicy, HashOn, MintedCookie } from "./resolve/hashing-policy.ts";
export type { StickyCookie, StickyPolicy } from "./resolve/sticky-policy.ts";
export type { OtlpPolicy, TelemetryPolicy, TracingPolicy } from "./resolve/telemetry-policy.ts";
export type { ListenerTlsPolicy, TlsPolicy } from "./resolve/tls-policy.ts";
export { addressText, isLocal, socketAddress } from "./resolve/socket-address.ts";
export { matchRule } from "./resolve/match-rule.ts";
export type { RuleRequest, RuleWhen } from "./resolve/match-rule.ts";
export type { Home } from "./resolve/merge.ts";
export type { GivenFields, GivenValue } from "./resolve/sidecar-fields.ts";
export type { Explained } from "./resolve/explain.ts";

// What was wrong.
export { PolicyError, problemsOf } from "./problem/policy-error.ts";
export { problemLine } from "./problem/problem.ts";
export type { Path, Position, Problem } from "./problem/problem.ts";

// For other packages of weft: no promise is made about what stands below.
export { overlap } from "./resolve/socket-address.ts";
export { suggest } from "./problem/suggest.ts";
