import type { HealthInput } from "../input/policy-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import type { Fields } from "./merge.ts";

/**
 * Active checks that ask in two ways at once, or in one that the protocol does not fit. What is inherited is not judged:
 * a service may speak something else than the defaults do.
 *
 * @param at path of the service, where `own` is written
 */
export function healthContradictions(
  fields: Fields,
  at: Path,
  own: { readonly health?: HealthInput | "off" },
): readonly Finding[] {
  const { health } = own;
  if (health === undefined || health === "off") return [];
  const path = [...at, "health"];
  const ways = WAYS.filter((way) => health[way] !== undefined);
  if (ways.length > 1) {
    const message = `${ways.join(" and ")}: an endpoint is asked in one way, so leave out all but one`;
    return [{ severity: "error", path, key: true, message }];
  }
  const protocol = String(fields.get("protocol")?.value);
  const http = fields.get("health.http")?.value;
  if (http !== undefined && protocol === "grpc") {
    const message = `asks GET ${String(http)}, which few servers of gRPC answer: all endpoints may seem unfit; say grpc: ""`;
    return [{ severity: "warning", path, key: true, message }];
  }
  if (http !== undefined && protocol === "tcp") {
    const message = `asks GET ${String(http)} of endpoints that protocol tcp says nothing of: say tcp: true if they do not speak HTTP`;
    return [{ severity: "warning", path, key: true, message }];
  }
  if (health.grpc !== undefined && (protocol === "http1" || protocol === "tcp")) {
    const message = `asks in gRPC, which protocol ${protocol} cannot carry: say protocol: grpc, or check by http or tcp`;
    return [{ severity: "error", path: [...path, "grpc"], message }];
  }
  return [];
}

const WAYS = ["http", "tcp", "grpc"] as const;
