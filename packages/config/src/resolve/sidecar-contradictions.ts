import type { PolicyInput } from "../input/policy-input.ts";
import { type Path, pathText } from "../problem/problem.ts";
import { suggest } from "../problem/suggest.ts";
import type { Finding } from "../schema/find-problems.ts";
import { lackedByTcp } from "./hash-contradictions.ts";
import { HASHING } from "./hashing-policy.ts";
import type { Fields, Home } from "./merge.ts";
import type { SidecarPolicy, SocketAddress } from "./sidecar-policy.ts";
import { whyNoShares } from "./shares.ts";
import { addressText, isLocal, overlap } from "./socket-address.ts";

/** Consul refuses a shorter interval, and a TTL of three is the shortest that is beaten in time. */
const SHORTEST_CHECK_MS = 1_000;
const MOST_META = 64;
/** How long our own pools keep an idle connection, the sweep included, and undici its. Source: undici, `keepAliveTimeout`. */
const LONGEST_KEPT_MS = 5_000;

/** What is well formed by itself and makes no sense together in the sidecar's part. */
export function sidecarContradictions(
  input: PolicyInput,
  sidecar: SidecarPolicy,
  { home, fields }: { readonly home: Home; readonly fields: Fields },
): readonly Finding[] {
  const listeners = listenersOf(sidecar);
  const findings = [
    ...clashes(listeners),
    ...loops(sidecar, listeners),
    ...open(sidecar),
    ...webWithoutGrpc(sidecar),
    ...sharedTwice(sidecar),
    ...hasty(sidecar),
    ...registration(sidecar, fields),
    ...services(input, sidecar),
    ...plainTcp(input, sidecar),
    ...hashedTcp(input, sidecar),
  ];
  if (home === "sidecar" && listeners.every(({ path }) => path[1] === "admin"))
    findings.push(error(["sidecar"], "has nothing to listen on: name inbound, outbound or tcp"));
  return findings;
}

interface Listener {
  readonly path: Path;
  readonly listen: SocketAddress;
}

function listenersOf({ inbound, outbound, tcp, admin }: SidecarPolicy): readonly Listener[] {
  const one = (part: string, listener: { readonly listen: SocketAddress } | undefined): readonly Listener[] =>
    listener === undefined ? [] : [{ path: ["sidecar", part, "listen"], listen: listener.listen }];
  return [
    ...one("inbound", inbound),
    ...one("outbound", outbound),
    ...tcp.map(({ listen }, i) => ({ path: ["sidecar", "tcp", i, "listen"], listen })),
    ...one("admin", admin),
  ];
}

/** Each with the first before it that takes its address. Cost: O(listeners squared), and there are few. */
function clashes(listeners: readonly Listener[]): readonly Finding[] {
  return listeners.flatMap(({ path, listen }, i) => {
    const other = listeners.slice(0, i).find((before) => overlap(before.listen, listen));
    return other === undefined
      ? []
      : [error(path, `${addressText(listen)} is taken by ${pathText(other.path)}, ${addressText(other.listen)}`)];
  });
}

function loops({ inbound }: SidecarPolicy, listeners: readonly Listener[]): readonly Finding[] {
  if (inbound === undefined) return [];
  const own = listeners.find(({ listen }) => overlap(listen, inbound.app));
  if (own === undefined) return [];
  const message = `${addressText(inbound.app)} is where ${pathText(own.path)} listens: calls would go round in a loop`;
  return [error(["sidecar", "inbound", "app"], message)];
}

function sharedTwice({ inbound }: SidecarPolicy): readonly Finding[] {
  const why = whyNoShares(inbound?.limits.shares);
  return why === undefined ? [] : [error(["sidecar", "inbound", "limits", "shares"], why)];
}

function webWithoutGrpc({ inbound }: SidecarPolicy): readonly Finding[] {
  if (inbound?.grpcWeb !== true || inbound.protocol !== "http1") return [];
  const message = "makes calls of gRPC, which cannot go by the HTTP/1.1 of inbound.protocol";
  return [error(["sidecar", "inbound", "grpcWeb"], message)];
}

/** Listeners that close connections which callers still take for good: the next call on one of them is lost. */
function hasty({ inbound, outbound }: SidecarPolicy): readonly Finding[] {
  return Object.entries({ inbound, outbound }).flatMap(([part, listener]): readonly Finding[] => {
    if (listener === undefined || listener.timeouts.idleMs > LONGEST_KEPT_MS) return [];
    const message = `${listener.timeouts.idleMs} ms, and callers keep idle connections for up to ${LONGEST_KEPT_MS} (another sidecar: 4 s, looked after each second): a call may meet one just being closed, so set it well above`;
    return [{ severity: "warning", path: ["sidecar", part, "timeouts", "idle"], message }];
  });
}

/** Doors that other machines can reach. */
function open({ admin, outbound }: SidecarPolicy): readonly Finding[] {
  const findings: Finding[] = [];
  if (admin !== undefined && !admin.allowRemote && !isLocal(admin.listen)) {
    const path = ["sidecar", "admin", "listen"];
    findings.push(
      error(
        path,
        `${addressText(admin.listen)} can be reached from other machines, which may then eject and drain: say allowRemote: true if that is meant`,
      ),
    );
  }
  if (outbound?.unknown === "passthrough" && !isLocal(outbound.listen)) {
    const message = `passthrough at ${addressText(outbound.listen)} lets whoever reaches it call anything that this machine can`;
    findings.push({ severity: "warning", path: ["sidecar", "outbound", "unknown"], message });
  }
  return findings;
}

function registration({ register, inbound }: SidecarPolicy, fields: Fields): readonly Finding[] {
  if (register === undefined) return [];
  const at = ["sidecar", "register"];
  const { check, meta } = register;
  const findings: Finding[] = [];
  if (!fields.has("sidecar.register.name"))
    findings.push(error(at, "does not say the name: set it, or sidecar.service"));
  if (register.port === undefined && (inbound === undefined || "path" in inbound.listen))
    findings.push(error(at, "does not say the port: set it, or an inbound.listen that has one"));
  if (check.kind === "ttl" && inbound === undefined)
    findings.push(error(at, "has a check of kind ttl and no inbound.app to connect to: set check.kind to tcp or http"));
  if (check.kind === "http" && inbound?.tls?.ca !== undefined)
    findings.push(
      error(
        [...at, "check"],
        "is of kind http, for which Consul's agent shows no certificate, and inbound.tls.ca asks for one: set kind to ttl or tcp",
      ),
    );
  if (check.kind !== "http" && fields.has("sidecar.register.check.path"))
    findings.push(error([...at, "check", "path"], `belongs to kind http, and kind is ${check.kind}`, true));
  if (check.intervalMs < SHORTEST_CHECK_MS)
    findings.push(error([...at, "check", "interval"], `${check.intervalMs}ms is under 1s, the shortest Consul takes`));
  else if (check.timeoutMs > check.intervalMs)
    findings.push(
      error(
        [
          ...at,
          "check",
          fields.get("sidecar.register.check.timeout")?.origin.kind === "policy" ? "timeout" : "interval",
        ],
        `a timeout of ${check.timeoutMs}ms is over the interval of ${check.intervalMs}ms: checks would overlap`,
      ),
    );
  if (Object.keys(meta).length > MOST_META)
    findings.push(error([...at, "meta"], `${Object.keys(meta).length} entries are more than ${MOST_META}`));
  return findings;
}

/** Names of services that look like slips of the pen, and words that have no effect. */
function services({ services: listed = {}, sidecar }: PolicyInput, policy: SidecarPolicy): readonly Finding[] {
  const named = policy.tcp.map(({ service }, i) => ({ path: ["sidecar", "tcp", i, "service"] as Path, service }));
  const one = policy.outbound?.service;
  if (one !== undefined) named.push({ path: ["sidecar", "outbound", "service"], service: one });
  const findings = named.flatMap(({ path, service }): readonly Finding[] => {
    const near = Object.hasOwn(listed, service) ? undefined : suggest(service, Object.keys(listed));
    if (near === undefined) return [];
    const message = `${JSON.stringify(service)} is none of services, so it is looked for in Consul; did you mean ${near}?`;
    return [{ severity: "warning", path, message }];
  });
  for (const key of ["unknown", "consul"] as const) {
    if (one !== undefined && sidecar?.outbound?.[key] !== undefined)
      findings.push(error(["sidecar", "outbound", key], "has no effect where outbound.service takes every call", true));
  }
  return findings;
}

/** A TCP listener passes bytes on as they are, whatever its service says. */
function plainTcp({ defaults, services: listed = {} }: PolicyInput, { tcp }: SidecarPolicy): readonly Finding[] {
  return tcp.flatMap(({ service }, i): readonly Finding[] => {
    const own = Object.hasOwn(listed, service) ? listed[service]?.tls : undefined;
    const tls = own ?? defaults?.tls ?? "off";
    if (tls === "off") return [];
    const message = `${JSON.stringify(service)} has tls, which connections of a TCP listener do not get: their bytes are passed on as they are`;
    return [{ severity: "warning", path: ["sidecar", "tcp", i, "service"], message }];
  });
}

/** Its connections have nothing of a request to hash. A service of protocol tcp was told so where it says that. */
function hashedTcp({ defaults = {}, services: listed = {} }: PolicyInput, { tcp }: SidecarPolicy): readonly Finding[] {
  return tcp.flatMap(({ service }, i): readonly Finding[] => {
    const own = Object.hasOwn(listed, service) ? listed[service] : undefined;
    const { kind, hashOn = [] } = { ...defaults.balancer, ...own?.balancer };
    if ((own?.protocol ?? defaults.protocol) === "tcp" || kind === undefined || !HASHING.includes(kind)) return [];
    const lacked = lackedByTcp(hashOn);
    if (lacked.length === 0 || lacked.length < hashOn.length) return []; // without any it was refused where it says so
    const message = `${JSON.stringify(service)} hashes ${lacked.join(", ")}, which connections of TCP do not have: they go by chance`;
    return [{ severity: "warning", path: ["sidecar", "tcp", i, "service"], message }];
  });
}

function error(path: Path, message: string, key = false): Finding {
  return { severity: "error", path, message, key };
}
