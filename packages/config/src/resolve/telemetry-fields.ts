import type { PolicyInput } from "../input/policy-input.ts";
import type { TelemetryInput } from "../input/telemetry-input.ts";
import { type Path, pathText } from "../problem/problem.ts";
import type { Fields, Written } from "./merge.ts";
import { TELEMETRY_BUILT_IN } from "./telemetry-built-in.ts";

/** Every field of `telemetry` by its path in the file: built-in defaults, and what is written in their place. */
export function telemetryFields({ telemetry = {}, sidecar }: PolicyInput): Fields {
  const fields = new Map<string, Written>();
  if (sidecar?.service !== undefined) {
    const origin = { kind: "policy", path: ["sidecar", "service"] } as const;
    fields.set("telemetry.serviceName", { value: sidecar.service, origin });
  }
  for (const [path, { value, source }] of Object.entries(TELEMETRY_BUILT_IN)) {
    const part = path.split(".")[1];
    if ((part === "otlp" || part === "metrics") && telemetry[part] === undefined) continue;
    fields.set(path, { value, origin: { kind: "built-in", source } });
  }
  const { accessLog, ...rest } = telemetry;
  put(fields, ["telemetry"], rest);
  putAccessLog(fields, accessLog);
  return fields;
}

/** What a service inherits of `telemetry`, by its path within the service: `tracing.sampleRatio`. */
export function inheritedTracing(telemetry: Fields): Fields {
  const inherited = new Map<string, Written>();
  for (const field of ["sampleRatio", "keepFailed", "keepSlowerThan"]) {
    const written = telemetry.get(`telemetry.${field}`);
    if (written !== undefined) inherited.set(`tracing.${field}`, written);
  }
  return inherited;
}

function put(fields: Map<string, Written>, path: Path, value: unknown): void {
  const at = pathText(path);
  if (typeof value === "object" && value !== null && !Array.isArray(value) && at !== HEADERS) {
    for (const [key, inner] of Object.entries(value)) if (inner !== undefined) put(fields, [...path, key], inner);
  } else fields.set(at, { value, origin: { kind: "policy", path } });
}

/** One value: where each of its secrets is kept, never what it is. */
const HEADERS = "telemetry.otlp.headers";

/** A word alone is the format; an object without one means lines. */
function putAccessLog(fields: Map<string, Written>, accessLog: TelemetryInput["accessLog"]): void {
  const path = ["telemetry", "accessLog"];
  if (accessLog === undefined) return;
  const written = typeof accessLog === "string" ? { format: accessLog } : { format: "json", ...accessLog };
  for (const [key, value] of Object.entries(written)) {
    if (value === undefined) continue;
    const own = typeof accessLog === "object" && key in accessLog ? [...path, key] : path;
    fields.set(pathText([...path, key]), { value, origin: { kind: "policy", path: own } });
  }
}
