import type { ServicePolicy } from "@weft/config";
import { type Lease, LOAD_HEADER, LOAD_HEADER_BINARY, parseBinaryLoadReport, parseLoadReport } from "@weft/core";

/** Whether a service is balanced by what its endpoints report. */
export function goesByReports({ balancer, reportsWeigh }: Pick<ServicePolicy, "balancer" | "reportsWeigh">): boolean {
  return reportsWeigh || balancer === "reported-load" || balancer === "prequal";
}

/**
 * Tells a balancer by reported load what an endpoint says of itself with an answer: in a header of it or, as gRPC has
 * it, in a trailer. An answer that says nothing, or nothing that can be read, changes nothing.
 *
 * @param valueOf reads a header or a trailer, by its name in lower case
 */
export function reportLoad(lease: Lease, valueOf: (name: string) => string | undefined, nowMs: number): void {
  const text = valueOf(LOAD_HEADER);
  const binary = valueOf(LOAD_HEADER_BINARY) ?? "";
  if (text === undefined && binary === "") return;
  const report = text === undefined ? parseBinaryLoadReport(binary) : parseLoadReport(text);
  if (report !== undefined) lease.reported(report, nowMs);
}
