import { INSTRUMENTS } from "@weft/telemetry";
import { ALL_FAMILIES, FAMILY_GROUPS } from "./all-families.ts";
import type { Family, FamilyType, Label } from "./family.ts";

const START = "<!-- Metrics: made from the code by `vitest run packages/sidecar/src/metrics/metrics-page -u`. -->";
const END = "<!-- End of the metrics. -->";

/**
 * docs/metrics.md with its tables written anew.
 *
 * @throws Error when the two comments that enclose them are not there, in this order
 */
export function metricsPage(page: string): string {
  const start = page.indexOf(START);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new Error(`the page has no place for its tables: ${START} ... ${END}`);
  const tables = [...FAMILY_GROUPS.map(({ title, families }) => groupTable(title, families)), appTable(), labelTable()];
  return `${page.slice(0, start + START.length)}\n\n${tables.join("\n")}\n${page.slice(end)}`;
}

function groupTable(title: string, families: readonly Family[]): string {
  return table(
    `Sidecar: ${title}`,
    ["Prometheus", "OpenTelemetry", "type", "unit", "labels", "meaning"],
    families.map(({ name, otel, type, unit, labels, help }) => [
      code(name),
      otel === undefined ? "" : code(otel),
      typeWord(type),
      // OpenTelemetry's histograms are in seconds, also where Envoy's name has ms.
      type === "histogram" && unit === "ms" && otel !== undefined ? "ms, s" : unitWord(unit),
      labels.map((label) => code(label.name)).join(" "),
      help,
    ]),
  );
}

function appTable(): string {
  const rows = Object.entries(INSTRUMENTS).map(([name, { kind, unit, attributes, description }]) => {
    return [code(name), typeWord(kind), unitWord(unit), attributes.map(code).join(" "), description];
  });
  return table("App: instruments of the SDK", ["OpenTelemetry", "type", "unit", "attributes", "meaning"], rows);
}

function labelTable(): string {
  const labels = new Map<string, Label>();
  for (const label of ALL_FAMILIES.flatMap((family) => family.labels)) {
    labels.set(`${label.name} ${label.attribute}`, label);
  }
  const rows = [...labels.values()].map(({ name, attribute, values }) => [code(name), code(attribute), values]);
  return table("Labels", ["Prometheus", "OpenTelemetry", "values"], rows);
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |");
  return [`### ${title}`, "", line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line), ""].join("\n");
}

function typeWord(type: FamilyType): string {
  return type === "upDown" ? "gauge" : type;
}

function unitWord(unit: string): string {
  switch (unit) {
    case "By":
      return "bytes";
    case "1":
      return "";
    default:
      return unit.replace(/^\{(.*)\}$/, (_, one: string) => PLURALS[one] ?? `${one}s`);
  }
}

const PLURALS: Readonly<Record<string, string>> = { retry: "retries" };

function code(text: string): string {
  return `\`${text}\``;
}
