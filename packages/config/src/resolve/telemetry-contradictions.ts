import type { PolicyInput } from "../input/policy-input.ts";
import type { OtlpInput, TelemetryInput, TracingInput } from "../input/telemetry-input.ts";
import { durationMs } from "../input/units.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import type { Home } from "./merge.ts";

const SHORTEST_REPORT_MS = 1_000;
/** What the exporter writes itself, or what belongs to the connection. */
const NOT_OURS = /^(content-.*|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|user-agent)$/i;

/** What is well formed by itself and makes no sense together in `telemetry` and in the tracing of services. */
export function telemetryContradictions(input: PolicyInput, home: Home): readonly Finding[] {
  const { telemetry = {} } = input;
  const at = ["telemetry"];
  const findings: Finding[] = telemetry.otlp === undefined ? toNobody(input, home) : collector(telemetry.otlp);
  const { inject } = telemetry.propagation ?? {};
  if (inject !== undefined && !inject.includes("tracecontext"))
    findings.push(error([...at, "propagation", "inject"], "has no tracecontext, in which a trace is always sent on"));
  if (telemetry.otlp !== undefined && home === "sidecar" && nameless(input))
    findings.push(warning([...at, "otlp"], "sends what has no name: set telemetry.serviceName, or sidecar.service"));
  const interval = telemetry.metrics?.interval;
  if (interval !== undefined && durationMs(interval) < SHORTEST_REPORT_MS)
    findings.push(error([...at, "metrics", "interval"], `${interval} is under 1s, the shortest there is`));
  return findings;
}

function nameless({ telemetry, sidecar }: PolicyInput): boolean {
  return telemetry?.serviceName === undefined && sidecar?.service === undefined;
}

function collector({ url, headers = {} }: OtlpInput): Finding[] {
  const at = ["telemetry", "otlp"];
  const findings: Finding[] = [];
  const added = /\/v1\/(traces|metrics|logs)\/*$/.exec(url);
  if (added !== null)
    findings.push(error([...at, "url"], `ends in ${added[0]}: name the collector alone, the rest is added`));
  if (/^https?:\/\/[^/]*:4317(\/|$)/.test(url))
    findings.push(
      warning([...at, "url"], "has the port for OTLP over gRPC; over HTTP, which is spoken here, it is 4318 as a rule"),
    );
  const seen = new Set<string>();
  for (const name of Object.keys(headers)) {
    const path = [...at, "headers", name];
    if (NOT_OURS.test(name)) findings.push(error(path, "cannot be set: the exporter does", true));
    if (seen.has(name.toLowerCase())) findings.push(error(path, "is there twice, in other letters", true));
    seen.add(name.toLowerCase());
  }
  return findings;
}

/** What is said about spans and numbers that are sent nowhere. */
function toNobody({ telemetry = {}, services = {} }: PolicyInput, home: Home): Finding[] {
  const findings: Finding[] = [];
  if (telemetry.metrics !== undefined)
    findings.push(
      error(["telemetry", "metrics"], "has no telemetry.otlp to go to; for Prometheus nothing is needed", true),
    );
  if (home === "sdk") return findings;
  const say = (path: Path): void => {
    findings.push({ ...warning(path, "has no effect without telemetry.otlp: no span is sent"), key: true });
  };
  for (const key of SPAN_FIELDS) if (telemetry[key] !== undefined) say(["telemetry", key]);
  for (const [name, { tracing = {} }] of Object.entries(services)) {
    for (const key of KEPT_FIELDS) if (tracing[key] !== undefined) say(["services", name, "tracing", key]);
  }
  return findings;
}

const KEPT_FIELDS: readonly (keyof TracingInput)[] = ["keepFailed", "keepSlowerThan"];
const SPAN_FIELDS: readonly (keyof TelemetryInput)[] = [...KEPT_FIELDS, "attempts"];

function error(path: Path, message: string, key = false): Finding {
  return { severity: "error", path, message, key };
}

function warning(path: Path, message: string): Finding {
  return { severity: "warning", path, message };
}
