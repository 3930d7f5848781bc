import * as v from "valibot";
import { ADAPTIVE_RULES } from "../input/limits-input.ts";
import type * as input from "../input/sidecar-input.ts";
import { APP_PROTOCOLS, PROXY_PROTOCOL_SEND, REGISTER_CHECKS, UNDERSCORES } from "../input/sidecar-input.ts";
import { dictionary, list, record } from "./containers.ts";
import * as leaf from "./leaves.ts";
import { sharesSchema } from "./service-schema.ts";
import { listenerTlsSchema } from "./tls-schema.ts";

const says = v.description;
const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, says(meaning)));
const must = <T>(schema: leaf.Leaf<T>, meaning: string) => v.pipe(schema, says(meaning));
const most = () => leaf.wholeNumber(1, 1_000_000);
const time = () => leaf.duration("zero allowed");

const limits = {
  connections: may(most(), "Connections at once; one more is closed at once."),
  headBytes: may(leaf.headSize(), "Longest head of a request, its first line included; a longer one is answered 431."),
  fields: may(leaf.wholeNumber(1, 10_000), "Fields of one head; more are answered 431."),
  streams: may(
    leaf.wholeNumber(1, 10_000),
    "Requests at once of one HTTP/2 connection; one more is refused, and may be sent again.",
  ),
  bodyRate: may(
    leaf.size(),
    "Bytes a second that a request's body brings at least, after its first 5 s; slower is answered 408. `0B`: any pace.",
  ),
};
const timeouts = {
  head: may(
    time(),
    "From the first byte of a head to its last, and from a connection's start to its first. `0s`: none.",
  ),
  idle: may(time(), "Between two requests of a connection. `0s`: none."),
  keepAlive: may(
    time(),
    "An HTTP/2 connection with requests on it that brings nothing for so long is asked for a sign of life by PING, and closed when none comes within 10 s. `0s`: never.",
  ),
  body: may(time(), "Between two pieces of a body, either way. `0s`: none."),
  tunnel: may(time(), "Without a byte either way in a tunnel: an Upgrade or a CONNECT. `0s`: none."),
};
const underscores = may(
  leaf.oneOf(UNDERSCORES),
  "Fields of a request whose names have an underscore, which some programs read as a dash; `refuse` answers 400.",
);

const tls = may(
  listenerTlsSchema,
  "TLS towards the callers. Files are PEM; in a policy file a path is found from its folder. Absent: none.",
);

const inbound: leaf.Leaf<input.InboundInput> = record({
  listen: must(leaf.listenAddress(), "Where others call the service."),
  app: must(leaf.connectAddress(), "Where the service itself listens."),
  protocol: may(
    leaf.oneOf(APP_PROTOCOLS),
    "What is spoken to the service. `auto`: HTTP/2 for calls of gRPC, and HTTP/1.1 for the others.",
  ),
  grpcWeb: may(
    leaf.yesOrNo(),
    "Whether calls of gRPC-Web reach the service as gRPC, and its answers their callers as gRPC-Web. When absent: true with `protocol: grpc`, else false.",
  ),
  reportLoad: may(
    leaf.yesOrNo(),
    "Whether answers say how many requests the service has in flight and what one takes, for callers that balance by `prequal`. An answer that has `endpoint-load-metrics` already is left as it is.",
  ),
  tls,
  underscores,
  limits: may(
    record({
      ...limits,
      calls: may(most(), "Calls in the service at once; more are answered 503 at once."),
      adaptive: may(
        leaf.oneOf(ADAPTIVE_RULES),
        "Learns from answer times how many calls the service takes at once, up to `calls`: see `limits.adaptive`.",
      ),
      shares: may(sharesSchema, "What calls of each importance have of `calls` for themselves: see `limits.shares`."),
    }),
    "What callers may do at once, and how much.",
  ),
  timeouts: may(
    record({
      ...timeouts,
      connect: may(time(), "Opening one connection to the service. `0s`: none."),
      total: may(
        time(),
        "One call, up to the head of its response. A deadline that the caller sent counts too. `0s`: none.",
      ),
    }),
    "How long callers and the service may take.",
  ),
});

const outbound: leaf.Leaf<input.OutboundInput> = record({
  listen: must(leaf.listenAddress(), "Where the service calls others."),
  service: may(leaf.name(), "Every call is for this service, whatever its Host. Absent: the Host tells."),
  unknown: may(
    leaf.oneOf(["refuse", "passthrough"]),
    "What becomes of a Host that names no service: 502 with the names that are known, or on to where it points.",
  ),
  consul: may(
    leaf.yesOrNo(),
    "Whether a Host may name any service of Consul, as `orders` or `orders.service.consul`. When absent: false where services are listed, none of them is found in Consul, and `discovery.consul` is not written.",
  ),
  tls,
  underscores,
  limits: may(record(limits), "What callers may do at once, and how much."),
  timeouts: may(record(timeouts), "How long callers may take."),
});

const tcp: leaf.Leaf<input.TcpInput> = record({
  listen: must(leaf.listenAddress(), "Where the service connects."),
  service: must(leaf.name(), "The service it is connected to."),
  limits: may(record({ connections: limits.connections }), "What may go on at once."),
  timeouts: may(record({ idle: may(time(), "Without a byte either way. `0s`: none.") }), "How long things may take."),
  proxyProtocol: may(
    record({
      accept: may(
        leaf.yesOrNo(),
        "Every connection starts with a header of the PROXY protocol, version 1 or 2; one that does not is cut.",
      ),
      send: may(leaf.oneOf(PROXY_PROTOCOL_SEND), "The header that the endpoint is sent first."),
    }),
    "Who is at the other end, told in front of the bytes.",
  ),
});

const admin: leaf.Leaf<input.AdminInput> = record({
  listen: must(leaf.listenAddress(), "Where the admin API answers."),
  allowRemote: may(
    leaf.yesOrNo(),
    "Whether an address that other machines can reach is meant: whoever reaches it can eject and drain.",
  ),
});

const drain: leaf.Leaf<input.DrainInput> = record({
  propagation: may(
    time(),
    "How long callers have to notice that the service left the registry. When absent: `5s` with `register`, `0s` without.",
  ),
  grace: may(time(), "How long what runs may take after that. `0s` cuts it at once."),
});

const check: leaf.Leaf<input.RegisterCheckInput> = record({
  kind: may(
    leaf.oneOf(REGISTER_CHECKS),
    "`ttl`: the sidecar connects to the app, and tells Consul. `tcp`, `http`: the agent connects, or asks, at the registered address. When absent: `http` with `path`, `ttl` without.",
  ),
  path: may(
    leaf.text(/^\/[^\s#]{0,2047}$/, 'a path such as "/healthz"'),
    "With http: the path that is asked; 2xx passes.",
  ),
  interval: may(leaf.duration(), "Between two checks, from `1s`. With ttl, Consul gives up after three of them."),
  timeout: may(leaf.duration(), "One check."),
});

const register: leaf.Leaf<input.RegisterInput> = record({
  name: may(leaf.name(), "The service. When absent: `sidecar.service`."),
  id: may(leaf.name(), "Unique on the agent. When absent: name, address and port."),
  address: may(
    leaf.text(/^([A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?|[0-9A-Fa-f:.]{2,45})$/, "a host"),
    "Where others reach it. When absent: the host of `inbound.listen`, or where that is every address, the agent's own.",
  ),
  port: may(leaf.wholeNumber(1, 65_535), "When absent: the port of `inbound.listen`."),
  tags: may(list(leaf.name(), 0, "tags"), "Its tags."),
  meta: may(
    dictionary(
      leaf.text(/^(?!(constructor|prototype)$)[A-Za-z0-9_-]{1,128}$/, "a key of letters, digits, - and _"),
      leaf.text(/^[^\0]{0,512}$/, "a text of at most 512 characters"),
      "an object of texts",
    ),
    "Its metadata: at most 64 entries.",
  ),
  check: may(check, "How Consul learns whether it is well."),
});

/** The form of `sidecar`. */
export const sidecarSchema: leaf.Leaf<input.SidecarInput> = record({
  service: may(leaf.name(), "The service it stands next to."),
  inbound: may(inbound, "Calls to the service."),
  outbound: may(outbound, "Calls from the service."),
  tcp: may(list(tcp, 0, "listeners"), "Connections from the service whose bytes are passed on as they are."),
  admin: may(admin, "Where one can see and steer what is going on."),
  drain: may(drain, "How it ends: it leaves the registry, waits, stops accepting, lets what runs finish."),
  register: may(
    register,
    "An object, even `{}`, registers the service in Consul for as long as the sidecar and the app run.",
  ),
});
