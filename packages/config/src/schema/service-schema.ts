import * as v from "valibot";
import type * as limitsInput from "../input/limits-input.ts";
import type * as input from "../input/policy-input.ts";
import { ADAPTIVE_RULES } from "../input/limits-input.ts";
import { OUTLIER_TESTS, PROTOCOLS, RETRY_ON } from "../input/policy-input.ts";
import { balancerSchema } from "./balancer-schema.ts";
import { type Fields, dictionary, either, list, oneForm, orOff, record } from "./containers.ts";
import * as leaf from "./leaves.ts";
import { stickySchema } from "./sticky-schema.ts";
import { subsetSchema } from "./subset-schema.ts";
import { tracingSchema } from "./telemetry-schema.ts";
import { tlsSchema } from "./tls-schema.ts";
import { zonesSchema } from "./zones-schema.ts";

const says = v.description;
const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, says(meaning)));

const discover = oneForm<input.DiscoverInput>(
  {
    consul: may(leaf.name(), "Name of the service in Consul. The service's own name when `discover` is absent."),
    tag: may(leaf.name(), "With consul: only instances with this tag."),
    datacenter: may(leaf.name(), "With consul: the datacenter to ask. The agent's own when absent."),
    static: may(list(leaf.address(), 1, "addresses"), "The endpoints themselves."),
    file: may(leaf.file(), "A file that lists the endpoints, watched. In a policy file, a path from its folder."),
    dns: may(
      leaf.text(/^[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?$/, 'a host name such as "orders.local"'),
      "A name to resolve.",
    ),
    port: may(leaf.wholeNumber(1, 65_535), "With dns: the port of every address found. Absent: SRV records tell."),
  },
  { forms: ["consul", "static", "file", "dns"], belongs: { tag: "consul", datacenter: "consul", port: "dns" } },
);

const timeout: leaf.Leaf<input.TimeoutInput> = record({
  total: may(leaf.duration("zero allowed"), "A call with all its attempts and the pauses between them. `0s`: none."),
  attempt: may(leaf.duration("zero allowed"), "One attempt, up to the head of its response. `0s`: none."),
  connect: may(leaf.duration("zero allowed"), "Opening one connection, TLS included. `0s`: none."),
  idle: may(leaf.duration("zero allowed"), "Between two pieces of a body. `0s`: none."),
});

const retry: leaf.Leaf<input.RetryInput> = record({
  maxRetries: may(leaf.wholeNumber(0, 10), "Attempts after the first."),
  on: may(
    list(
      either(
        [leaf.oneOf(RETRY_ON), leaf.wholeNumber(400, 599)],
        `one of ${RETRY_ON.join(", ")}, or a status in 400..599`,
      ),
      1,
      "conditions",
    ),
    "Failures that are repeated, by phase, by HTTP status, or by gRPC status. `never-sent`: what provably reached no endpoint, whatever the call. A gRPC status, `unavailable` and the like: whatever the call, when it is all that was answered. The others: only when the call is idempotent; UNAVAILABLE is a `gateway-error`, too.",
  ),
  methods: may(
    list(leaf.token('a method such as "GET"'), 1, "methods"),
    "Methods taken for idempotent. Absent: as RFC 9110 has it.",
  ),
  budget: may(
    record({
      ratio: may(leaf.ratio(), "Retries per call. 0 leaves only the reserve."),
      minPerSecond: may(leaf.number(0, 10_000), "The reserve: retries granted each second whatever the traffic."),
      concurrentRatio: may(
        leaf.ratio(),
        "Retries under way at once, as a share of the calls under way. 1: no bound of their own.",
      ),
      minConcurrent: may(leaf.wholeNumber(0, 10_000), "So many retries at once in any case."),
    }),
    "Bounds the retries of all calls together, so that an outage is not multiplied.",
  ),
  backoff: may(
    record({
      base: may(leaf.duration("zero allowed"), "Bound of the first pause, which is drawn from 0 up to it."),
      max: may(leaf.duration("zero allowed"), "Bound of any pause."),
    }),
    "The pause before a retry: drawn between 0 and a bound that doubles.",
  ),
  bufferBytes: may(leaf.size(), "Bytes of a streamed body kept to be sent again."),
  retryAfter: may(
    record({
      max: may(
        leaf.duration("zero allowed"),
        "A longer Retry-After, or gRPC pushback, is not waited for: the caller gets the answer.",
      ),
    }),
    "The pause that an endpoint asks for.",
  ),
});

const hedge: leaf.Leaf<input.HedgeInput> = record({
  after: may(
    // The pattern of a percentile is all that the type asks for.
    either(
      [leaf.duration(), leaf.text(/^p[1-9][0-9]?(\.[0-9]{1,2})?$/, "a percentile") as leaf.Leaf<`p${number}`>],
      'a duration or a percentile such as "p95"',
    ),
    "When the second attempt starts: a time, or a percentile of the latencies seen.",
  ),
  maxExtraRatio: may(leaf.ratio(), "Second attempts per call, at most."),
});

const breaker: leaf.Leaf<input.BreakerInput> = record({
  failureRatio: may(leaf.ratio("positive"), "Share of the window's calls that must fail to trip."),
  minimumCalls: may(leaf.wholeNumber(1, 1_000_000), "Calls the window must hold before it may trip."),
  window: may(leaf.duration(), "How far back calls count."),
  coolDown: may(
    leaf.duration(),
    "How long it stays open the first time; doubles with each failed trial, up to 16 times.",
  ),
});

const outliers: leaf.Leaf<input.OutliersInput> = record({
  consecutiveFailures: may(leaf.wholeNumber(1, 10_000), "Failures in a row that eject an endpoint."),
  baseEjection: may(
    leaf.duration(),
    "Length of the first ejection; doubles with each one that follows. None is shorter than the endpoint has been failing.",
  ),
  maxEjection: may(leaf.duration(), "No ejection is longer."),
  maxEjectedRatio: may(leaf.ratio(), "Share of the endpoints that may be ejected at once; one always may."),
  tests: may(
    list(leaf.oneOf(OUTLIER_TESTS), 0, "tests"),
    "How endpoints are compared, besides failures in a row. `relative`: fails more than the others, beyond chance; `success-rate` and `failure-percentage`: as Envoy does; `latency`: answers much slower.",
  ),
  observe: may(
    list(leaf.oneOf(OUTLIER_TESTS), 0, "tests"),
    "Of these tests, those that eject nobody and only report what they would have done.",
  ),
  successRate: may(
    record({
      minimumEndpoints: may(leaf.wholeNumber(1, 10_000), "Endpoints with enough attempts that there must be."),
      minimumAttempts: may(leaf.wholeNumber(1, 1_000_000), "Attempts in 10 s that are enough."),
      deviations: may(leaf.number(0.1, 100), "Standard deviations below the mean that eject."),
    }),
    "For `success-rate`.",
  ),
  failurePercentage: may(
    record({
      threshold: may(leaf.ratio("positive"), "Share of failures that ejects."),
      minimumEndpoints: may(leaf.wholeNumber(1, 10_000), "Endpoints with enough attempts that there must be."),
      minimumAttempts: may(leaf.wholeNumber(1, 1_000_000), "Attempts in 10 s that are enough."),
    }),
    "For `failure-percentage`.",
  ),
  latency: may(
    record({
      factor: may(leaf.number(1.1, 1_000), "So many times the median of the others."),
      atLeast: may(leaf.duration("zero allowed"), "And so much longer at least."),
      minimumAttempts: may(leaf.wholeNumber(1, 1_000_000), "Attempts in 10 s that are enough."),
    }),
    "For `latency`.",
  ),
});

const most = () => leaf.wholeNumber(1, 1_000_000);
/** The form of `limits.shares`. */
export const sharesSchema: leaf.Leaf<limitsInput.SharesInput> = record({
  critical: may(leaf.ratio(), "Of calls that say `x-priority: critical`. Absent: 0."),
  normal: may(leaf.ratio(), "Of calls that say neither. Absent: 0."),
  low: may(leaf.ratio(), "Of calls that say `x-priority: low`. Absent: 0."),
});
const limits: leaf.Leaf<limitsInput.LimitsInput> = record({
  connections: may(most(), "Connections to the service at once."),
  pending: may(most(), "Calls that wait for a connection at once."),
  calls: may(most(), "Calls to the service at once."),
  callsPerEndpoint: may(most(), "Attempts that one endpoint takes at once."),
  adaptive: may(
    leaf.oneOf(ADAPTIVE_RULES),
    "Learns from answer times how many calls may go at once, up to `calls`. `gradient2`, which is `auto`: compares with the long run; `vegas`: reckons how many wait; `gradient`: as Envoy does.",
  ),
  adaptivePerEndpoint: may(
    leaf.oneOf(ADAPTIVE_RULES),
    "The same for the attempts at each endpoint, up to `callsPerEndpoint`. One that is full is passed over; a call is refused when all are.",
  ),
  shares: may(
    sharesSchema,
    "What calls of each importance have of `calls` for themselves; what one leaves idle another may borrow, but for a fifth of the limit. Absent: all calls are alike.",
  ),
});

const rateLimit: leaf.Leaf<limitsInput.RateLimitInput> = record({
  perSecond: may(leaf.number(0.001, 1_000_000), "Calls a second, in the long run."),
  burst: may(
    leaf.number(1, 1_000_000),
    "Calls at once after a quiet time. Absent: as many as in a second, and one at least.",
  ),
});

const admission: leaf.Leaf<limitsInput.AdmissionInput> = record({
  successRatio: may(leaf.ratio("positive"), "Share of the calls that has to succeed for all to be sent."),
  aggression: may(leaf.number(0.1, 10), "How fast refusals rise as fewer succeed; 1: in proportion."),
  maxRefusedRatio: may(leaf.ratio(), "Share of the calls that is refused at most."),
  minPerSecond: may(leaf.number(0, 1_000_000), "Below so many calls a second nothing is refused."),
  window: may(leaf.duration(), "How far back calls count."),
});

const health: leaf.Leaf<input.HealthInput> = record({
  http: may(leaf.text(/^\/[^\s#]{0,2047}$/, 'a path such as "/healthz"'), "Path that is asked; 2xx passes."),
  tcp: may(v.literal(true, "is not true"), "Instead: a connection is made, with TLS where that is on, and closed."),
  grpc: may(
    leaf.text(/^[\x21-\x7e]{0,255}$/, 'the name of a service of gRPC, or "" for the server as a whole'),
    'Instead: `grpc.health.v1.Health/Check` is asked for this service, `""` for the server as a whole; SERVING passes.',
  ),
  interval: may(leaf.duration(), "Between two checks of one endpoint."),
  timeout: may(leaf.duration(), "One check."),
  failAfter: may(leaf.wholeNumber(1, 100), "Failures in a row after which an endpoint is unfit."),
  passAfter: may(leaf.wholeNumber(1, 100), "Passes in a row after which it is fit again."),
});

const method = leaf.token('a method such as "GET"');
const when: leaf.Leaf<input.RuleWhenInput> = record({
  path: may(
    leaf.text(
      /^(\/[^/*?#\s]*\*?[^/*?#\s]*)*(\/\*\*)?$/,
      'a path such as "/reports/**", with at most one * in a segment and ** only at the end',
    ),
    "`/reports/**`: the path and all below it; `*`: anything within one segment. The query does not count.",
  ),
  method: may(either([method, list(method, 1, "methods")], "a method or a list of methods"), "Any of these."),
  header: may(
    dictionary(
      leaf.token("the name of a header"),
      leaf.text(/^[^\r\n\0]{0,4096}$/, "the value of a header"),
      "an object of header names and values",
    ),
    "Header name to exact value; `*`: any value. All must match.",
  ),
});

const perCall = {
  timeout: may(timeout, "How long things may take."),
  retry: may(orOff(retry, "an object"), "What is tried again, and how often."),
  hedge: may(orOff(hedge, "an object"), "A second attempt before the first has ended. An object turns it on."),
};
const rule: leaf.Leaf<input.RuleInput> = record({
  when: v.pipe(when, says("What a call must be like; `{}` is any call.")),
  ...perCall,
  limits: may(
    record({
      calls: may(most(), "Calls that match the rule at once. Absent: as many as of the service."),
      adaptive: may(
        leaf.oneOf(ADAPTIVE_RULES),
        "Learns from the answer times of these calls alone, up to `calls`. Absent: as the service does.",
      ),
    }),
    "What may go on at once of these calls, beside the limits of the service.",
  ),
});

const inherited = {
  protocol: may(
    leaf.oneOf(PROTOCOLS),
    "What is spoken to the endpoints. `auto`: what an endpoint's metadata says in `protocol` (`http`, `http2` or `grpc`); else what TLS agrees on; else HTTP/2 for calls of gRPC, and HTTP/1.1 for the others. `grpc` is HTTP/2 whose callers are answered as gRPC has it, also by the mesh itself.",
  ),
  tls: may(
    orOff(tlsSchema, "an object"),
    "TLS towards the endpoints. An object, even `{}`, turns it on. Files are PEM; in a policy file a path is found from its folder.",
  ),
  balancer: may(balancerSchema, "How the endpoint of an attempt is picked."),
  subset: may(orOff(subsetSchema, "an object"), "Which of the endpoints are used."),
  zones: may(
    orOff(zonesSchema, "an object"),
    "Calls stay in their zone as far as it has room for them, where the zone of this process is known.",
  ),
  sticky: may(
    orOff(stickySchema, "an object"),
    "All calls of a caller's session go to one endpoint, by a cookie that says which. An object turns it on.",
  ),
  ...perCall,
  breaker: may(orOff(breaker, "an object"), "Stops calling a service that fails. An object turns it on."),
  outliers: may(orOff(outliers, "an object"), "Leaves out endpoints that fail while others do not."),
  limits: may(limits, "What may go on at once."),
  rateLimit: may(orOff(rateLimit, "an object"), "Refuses calls beyond so many a second. An object turns it on."),
  admission: may(
    orOff(admission, "an object"),
    "Refuses a share of the calls while too many fail for overload; `x-priority: critical` never. An object turns it on.",
  ),
  health: may(orOff(health, "an object"), "Asks each endpoint whether it is fit. An object turns it on."),
  slowStart: may(orOff(leaf.duration(), 'a duration such as "30s"'), "How long a new endpoint's weight grows."),
  keepAlive: may(
    orOff(leaf.duration(), 'a duration such as "30s"'),
    "An HTTP/2 connection with calls on it that brings nothing for so long is asked for a sign of life, and closed when it gives none.",
  ),
};

/** The form of `defaults`. */
export const defaultsSchema: leaf.Leaf<input.ServiceDefaultsInput> = record(inherited);
const own = {
  discover: may(discover, "Where the endpoints are found. Absent: in Consul, by the service's own name."),
  ...inherited,
  tracing: may(tracingSchema, "Which traces of calls to it are kept. What is absent is as in `telemetry`."),
  rules: may(list(rule, 0, "rules"), "The first that matches a call changes the policy for it."),
};

/** The form of one entry of `services`. */
export const serviceSchema: leaf.Leaf<input.ServicePolicyInput> = record(own);

/** The same with other fields beside a service's own, of which none has the name of one of them. */
export function serviceBeside<T>(others: Fields): leaf.Leaf<input.ServicePolicyInput & T> {
  // The others admit what T says and nothing else; the test of the form that has them tells.
  return record({ ...others, ...own }) as unknown as leaf.Leaf<input.ServicePolicyInput & T>;
}
