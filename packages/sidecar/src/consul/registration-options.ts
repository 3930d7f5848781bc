import { addressText, type Policy, type RegisterCheck, type RegisterPolicy, type SocketAddress } from "@weft/config";
import { MeshError } from "@weft/core";
import type { RegisterOptions, ServiceCheck } from "@weft/discovery";

/** Beats in each TTL: two may be lost. Source: `register` of discovery beats so. */
const BEATS = 3;

/**
 * What the policy says, as discovery takes it.
 *
 * @param inboundPort the port that the inbound listener has taken, for a policy that names none
 * @throws MeshError BAD_CONFIG when the token's variable is missing or empty, or no port is known
 */
export function registrationOptions(
  policy: RegisterPolicy,
  consul: Policy["discovery"]["consul"],
  inboundPort: number | undefined,
): RegisterOptions {
  const port = policy.port ?? inboundPort;
  if (port === undefined) throw new MeshError("BAD_CONFIG", "sidecar.register: no port is known to register");
  const { name, id, address, tags, meta } = policy;
  return {
    name,
    port,
    tags,
    meta,
    ...(id === undefined ? {} : { id }),
    ...(address === undefined ? {} : { address }),
    check: check(policy.check, { host: address ?? AGENTS_OWN, port }),
    url: consul.url,
    ...token(consul.token),
  };
}

/** Where the agent looks for a service that is registered without an address: it is on the agent's machine. */
const AGENTS_OWN = "127.0.0.1";

function check(asked: RegisterCheck, reached: SocketAddress): ServiceCheck {
  const { intervalMs, timeoutMs } = asked;
  const at = addressText(reached);
  switch (asked.kind) {
    case "ttl":
      return { ttlMs: intervalMs * BEATS };
    case "tcp":
      return { tcp: at, intervalMs, timeoutMs };
    case "http":
      if (!asked.secured) return { http: `http://${at}${asked.path}`, intervalMs, timeoutMs };
      // Asked at an address, where the certificate holds a name: whether the app is well does not hang on that.
      return { http: `https://${at}${asked.path}`, verify: false, intervalMs, timeoutMs };
    default:
      return asked satisfies never;
  }
}

function token(secret: Policy["discovery"]["consul"]["token"]): Pick<RegisterOptions, "token" | "tokenFile"> {
  if (secret === undefined) return {};
  if ("file" in secret) return { tokenFile: secret.file };
  const value = process.env[secret.env];
  if (value === undefined || value === "")
    throw new MeshError("BAD_CONFIG", `discovery.consul.token: environment variable ${secret.env} is missing or empty`);
  return { token: value };
}
