import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ALL_FAMILIES } from "./all-families.ts";
import { metricsPage } from "./metrics-page.ts";

const PAGE = new URL("../../../../docs/metrics.md", import.meta.url);

test("docs/metrics.md says what the code measures", async () => {
  await expect(metricsPage(readFileSync(PAGE, "utf8"))).toMatchFileSnapshot(PAGE.pathname);
});

test("a page without a place for the tables is an error", () => {
  expect(() => metricsPage("# Metrics\n")).toThrow("no place for its tables");
});

describe("each family", () => {
  test.each(ALL_FAMILIES.map((family) => [family.name, family] as const))("%s says what it is", (name, family) => {
    const { help, unit, type, otel = "" } = family;
    expect(help).toMatch(/^[A-Z0-9].*\.$/s);
    expect(help).not.toContain("|");
    expect(name).toMatch(/^(weft|envoy|process|nodejs)_[a-z0-9_]+$/);
    if (name.startsWith("weft_") && type === "counter") expect(name).toMatch(/_total$/);
    if (name.startsWith("weft_") && unit === "s") expect(name).toMatch(/_seconds(_total)?$/);
    // Source: OpenTelemetry, naming rules for metrics: no unit and no "total" in a name.
    expect(otel).toMatch(/^$|^(weft|process|nodejs)(\.[a-z0-9_]+)+$/);
    expect(otel).not.toMatch(/total|seconds|bytes$/);
  });
});
