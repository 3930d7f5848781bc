import type { Finding } from "../checks/run-probe.ts";
import type { CheckRow } from "../store/rows.ts";

/**
 * What an alias check says: the worst of the other service's checks.
 *
 * @param known whether the other service is registered here
 * @param checks its checks, maintenance among them; those of the node do not count, as measured on 1.8.7
 */
export function judgeAlias(serviceId: string, known: boolean, checks: readonly CheckRow[]): Finding {
  const failing = checks.find((row) => row.Status === "critical") ?? checks.find((row) => row.Status === "warning");
  if (failing !== undefined)
    return { status: failing.Status, output: `Aliased check "${failing.Name}" failing: ${failing.Output}` };
  if (checks.length > 0) return { status: "passing", output: "All checks passing." };
  if (known) return { status: "passing", output: "No checks found." };
  return { status: "critical", output: `Service ${serviceId} could not be found on node ` }; // the name is missing there, too
}
