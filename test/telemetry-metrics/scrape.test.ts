import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { checkPolicy, type PolicyInput } from "@weft/config";
import { describe, expect, test } from "vitest";
import { call, portOf, sidecarRig } from "../sidecar/rig.ts";
import { PROMETHEUS } from "./real-prometheus.ts";

const why = PROMETHEUS.kind === "missing" ? ` (${PROMETHEUS.skip})` : "";

describe("a scrape", () => {
  test("is whole, and no counter falls, while policies are reloaded and calls run", async () => {
    await using rig = await sidecarRig({ count: 2 });
    const policyOf = (round: number): PolicyInput => ({
      version: 1,
      telemetry: { accessLog: "off" },
      services: {
        orders: { limits: { calls: 100 + round }, ...(round % 2 === 0 && { breaker: {} }) },
        ...(round % 3 === 0 && { extra: { discover: { static: ["127.0.0.1:1"] } } }),
      },
      sidecar: { outbound: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" } }, // as they are
    });
    let before = new Map<string, number>();
    for (let round = 0; round < 12; round++) {
      const { policy } = checkPolicy(policyOf(round), { home: "sidecar" });
      const [, scraped] = await Promise.all([
        rig.sidecar.reload(policy),
        rig.admin("/metrics"),
        call(rig.port, "/"),
        call(rig.port, "/"),
      ]);
      const counters = countersOf(scraped.body);
      for (const [sample, value] of counters) {
        if (sample.includes('"orders"')) expect(value, sample).toBeGreaterThanOrEqual(before.get(sample) ?? 0);
      }
      before = counters;
    }
    const last = countersOf((await rig.admin("/metrics")).body);
    expect(last.get('weft_calls_total{service="orders"}')).toBe(24);
  });

  test("is asked for by the port of the admin API alone", async () => {
    await using rig = await sidecarRig();
    expect((await call(rig.port, "/metrics")).body).not.toContain("weft_calls_total");
    expect(portOf(rig.sidecar, "admin")).not.toBe(rig.port);
  });

  test.skipIf(PROMETHEUS.kind === "missing")(`is taken by promtool, whatever ids a registry has${why}`, async () => {
    await using rig = await sidecarRig({ count: 3 });
    const ids = ['a"b\\c\nd', '{e="f"} 1', "\u{1f600} # HELP x"];
    rig.registry.set(
      "orders",
      rig.endpoints.asEndpoints().map((one, at) => ({ ...one, id: ids[at] ?? "" })),
    );
    for (let calls = 0; calls < 6; calls++) await call(rig.port, "/");
    const { body } = await rig.admin("/metrics");
    expect(body).toContain('endpoint="a\\"b\\\\c\\nd"');
    const folder = PROMETHEUS.kind === "found" ? PROMETHEUS.path : "";
    const options = { input: body, encoding: "utf8", timeout: 60_000 } as const;
    const { stdout, stderr } = spawnSync(join(folder, "promtool"), ["check", "metrics"], options);
    // What it has against Envoy's names is Envoy's: their counters do not end in _total, and some are in ms.
    const ours = `${stdout}${stderr}`.split("\n").filter((line) => line !== "" && !line.startsWith("envoy_"));
    expect(ours).toEqual([]);
  });
});

/** Every sample of a counter, and of a histogram, by name and labels. */
function countersOf(text: string): Map<string, number> {
  expect(text.endsWith("\n")).toBe(true);
  const counters = new Map<string, number>();
  let grows = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("# TYPE")) grows = /(counter|histogram)$/.test(line);
    else if (grows && !line.startsWith("#") && line !== "") {
      const at = line.lastIndexOf(" ");
      counters.set(line.slice(0, at), Number(line.slice(at + 1)));
    }
  }
  return counters;
}
