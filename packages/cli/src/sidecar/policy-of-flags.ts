import { type CheckedPolicy, checkPolicy, type GivenFields, type Problem, problemsOf } from "@weft/config";
import type { SidecarFlags } from "./sidecar-flags.ts";

const UPSTREAM_PROTOCOLS: readonly string[] = ["auto", "http1", "http2", "grpc"];
const ONLY_HTTP = ["upstream-protocol", "upstream-tls", "upstream-ca", "tls-cert", "tls-key"] as const;

/** The one service that every call is for. */
const SERVICE = "upstream";

/**
 * The policy that options say in the place of a file. They go through the same schema; a mistake is told by the name of
 * its option.
 *
 * @param mistakes gets one line for each
 * @returns undefined when there are mistakes
 */
export function policyOfFlags(
  { flag }: SidecarFlags,
  given: GivenFields,
  mistakes: string[],
): CheckedPolicy | undefined {
  for (const name of ["listen", "upstream"]) if (flag(name) === undefined) mistakes.push(`--${name} is missing`);
  const protocol = flag("protocol") ?? "http";
  if (protocol !== "http" && protocol !== "tcp")
    mistakes.push(`--protocol: ${JSON.stringify(protocol)} is not one of http, tcp`);
  const upstream = flag("upstream-protocol") ?? "auto";
  if (!UPSTREAM_PROTOCOLS.includes(upstream))
    mistakes.push(`--upstream-protocol: ${JSON.stringify(upstream)} is not one of ${UPSTREAM_PROTOCOLS.join(", ")}`);
  else if (protocol === "tcp") {
    for (const name of ONLY_HTTP) {
      if (flag(name) !== undefined)
        mistakes.push(`--${name} means nothing with --protocol tcp, which passes bytes on as they are`);
    }
  }
  for (const [one, other] of [["tls-cert", "tls-key"] as const, ["tls-key", "tls-cert"] as const]) {
    if (flag(one) !== undefined && flag(other) === undefined) mistakes.push(`--${one} needs --${other}`);
  }
  if (mistakes.length > 0 && (flag("listen") === undefined || flag("upstream") === undefined)) return undefined;
  try {
    const checked = checkPolicy(
      policyInput(flag, protocol, UPSTREAM_PROTOCOLS.includes(upstream) ? upstream : "auto"),
      { home: "sidecar", given },
    );
    // A part that is not used yet was asked for by name here, so it is a mistake and not a warning.
    mistakes.push(...checked.warnings.map(optionLine));
    return mistakes.length === 0 ? checked : undefined;
  } catch (error) {
    const problems = problemsOf(error);
    if (problems.length === 0) throw error;
    mistakes.push(...problems.map(optionLine));
    return undefined;
  }
}

function policyInput(flag: SidecarFlags["flag"], protocol: string, upstream: string): unknown {
  const [listen, admin, kind, ca] = [flag("listen"), flag("admin"), flag("balancer"), flag("upstream-ca")];
  const [cert, key] = [flag("tls-cert"), flag("tls-key")];
  const withTls = protocol !== "tcp" && (ca !== undefined || flag("upstream-tls") !== undefined);
  const service = {
    discover: { static: (flag("upstream") ?? "").split(",").map((address) => address.trim()) },
    protocol: protocol === "tcp" ? "tcp" : upstream,
    ...(kind === undefined ? {} : { balancer: { kind } }),
    ...(withTls ? { tls: ca === undefined ? {} : { ca } } : {}),
  };
  const outbound = {
    listen,
    service: SERVICE,
    ...(cert === undefined || key === undefined ? {} : { tls: { cert, key } }),
  };
  const listener = protocol === "tcp" ? { tcp: [{ listen, service: SERVICE }] } : { outbound };
  return {
    version: 1,
    services: { [SERVICE]: service },
    sidecar: { ...listener, ...(admin === undefined ? {} : { admin: { listen: admin } }) },
  };
}

/** Where in that policy each option went. */
const OPTIONS: readonly (readonly [path: RegExp, option: string])[] = [
  [/^sidecar\.outbound\.tls\.cert/, "--tls-cert"],
  [/^sidecar\.outbound\.tls\.key/, "--tls-key"],
  [/^sidecar\.(outbound|tcp\[0\])/, "--listen"],
  [/^sidecar\.admin/, "--admin"],
  [/^services\.upstream\.discover/, "--upstream"],
  [/^services\.upstream\.balancer/, "--balancer"],
  [/^services\.upstream\.protocol/, "--upstream-protocol"],
  [/^services\.upstream\.tls\.ca/, "--upstream-ca"],
];

/** A problem of that policy, by the name of its option. */
export function optionLine({ path, message }: Problem): string {
  const option = OPTIONS.find(([pattern]) => pattern.test(path))?.[1];
  return option === undefined ? `${path}: ${message}` : `${option}: ${inOptions(message)}`;
}

/** What a message says of the file that there is not. */
function inOptions(message: string): string {
  return message
    .replace(/ is taken by sidecar\.\S+, /, " overlaps with another listener at ")
    .replace(/: say allowRemote: true if that is meant$/, "; a policy file can allow that")
    .replace(/ needs balancer\.hashOn: .*$/, " needs to be told what to hash, which takes a policy file");
}
