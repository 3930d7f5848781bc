import { type CheckedPolicy, checkPolicy, type GivenFields, type Problem, problemsOf } from "@weft/config";
import type { SidecarFlags } from "./sidecar-flags.ts";

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
  const upstream = flag("upstream-protocol") ?? "http1";
  if (!["http1", "http2"].includes(upstream))
    mistakes.push(`--upstream-protocol: ${JSON.stringify(upstream)} is not one of http1, http2`);
  else if (protocol === "tcp" && flag("upstream-protocol") !== undefined)
    mistakes.push("--upstream-protocol means nothing with --protocol tcp, which passes bytes on as they are");
  if (mistakes.length > 0 && (flag("listen") === undefined || flag("upstream") === undefined)) return undefined;
  try {
    const checked = checkPolicy(policyInput(flag, protocol, upstream), { home: "sidecar", given });
    // A part that is not used yet was asked for by name here, so it is a mistake and not a warning.
    mistakes.push(...checked.warnings.map(mistake));
    return mistakes.length === 0 ? checked : undefined;
  } catch (error) {
    const problems = problemsOf(error);
    if (problems.length === 0) throw error;
    mistakes.push(...problems.map(mistake));
    return undefined;
  }
}

function policyInput(flag: SidecarFlags["flag"], protocol: string, upstream: string): unknown {
  const [listen, admin, kind] = [flag("listen"), flag("admin"), flag("balancer")];
  const service = {
    discover: { static: (flag("upstream") ?? "").split(",").map((address) => address.trim()) },
    protocol: protocol === "tcp" ? "tcp" : upstream,
    ...(kind === undefined ? {} : { balancer: { kind } }),
  };
  const listener =
    protocol === "tcp" ? { tcp: [{ listen, service: SERVICE }] } : { outbound: { listen, service: SERVICE } };
  return {
    version: 1,
    services: { [SERVICE]: service },
    sidecar: { ...listener, ...(admin === undefined ? {} : { admin: { listen: admin } }) },
  };
}

/** Where in that policy each option went. */
const OPTIONS: readonly (readonly [path: RegExp, option: string])[] = [
  [/^sidecar\.(outbound|tcp\[0\])/, "--listen"],
  [/^sidecar\.admin/, "--admin"],
  [/^services\.upstream\.discover/, "--upstream"],
  [/^services\.upstream\.balancer/, "--balancer"],
  [/^services\.upstream\.protocol/, "--upstream-protocol"],
];

function mistake({ path, message }: Problem): string {
  const option = OPTIONS.find(([pattern]) => pattern.test(path))?.[1];
  return option === undefined ? `${path}: ${message}` : `${option}: ${inOptions(message)}`;
}

/** What a message says of the file that there is not. */
function inOptions(message: string): string {
  return message
    .replace(/ is taken by sidecar\.\S+, /, " overlaps with another listener at ")
    .replace(/: say allowRemote: true if that is meant$/, "; a policy file can allow that")
    .replace(/ needs balancer\.hash: .*$/, " needs to be told what to hash, which takes a policy file");
}
