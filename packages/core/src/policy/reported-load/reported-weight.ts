import type { LoadReport } from "./load-report.ts";

/** A greater weight is taken for this one: what is summed and divided must stay a number, whatever endpoints say. */
const MOST = 1e12;

/**
 * What an endpoint's weight is by its own report.
 *
 *   weight = perSecond / (utilization + errorsPerSecond / perSecond * errorPenalty)
 *
 * So much it could serve, were it fully in use: with errors counted as use. Its processors stand for its utilization
 * when it reports none. 0: unknown, when it serves nothing or uses nothing.
 *
 * @param errorPenalty >= 0. Default 1 (gRPC A58)
 * Source: gRPC A58; reference 2.2 (d).
 */
export function reportedWeight({ perSecond, errorsPerSecond, utilization, cpu }: LoadReport, errorPenalty = 1): number {
  const used = utilization > 0 ? utilization : cpu;
  if (perSecond <= 0 || used <= 0) return 0;
  return Math.min(perSecond / (used + (errorsPerSecond / perSecond) * errorPenalty), MOST);
}
