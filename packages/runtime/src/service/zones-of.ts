import type { ZonesPolicy } from "@weft/config";
import type { ZonePreference } from "@weft/core";

/**
 * The zone that calls are to stay in. A variable that is not set is no zone: calls go anywhere then, and picks say so.
 * To refuse to start for it would be to fail where one can work.
 */
export function zonesOf(policy: ZonesPolicy | undefined): ZonePreference | undefined {
  if (policy === undefined) return undefined;
  const { own, callers } = policy;
  return { own: typeof own === "string" ? own : (process.env[own.env] ?? ""), callers };
}
