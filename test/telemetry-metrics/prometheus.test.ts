import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { alerts, dashboard, dashboardQueries, fileOf, metricsIn, pathOf } from "./observability-files.ts";
import { PROMETHEUS, type RealPrometheus, startRealPrometheus } from "./real-prometheus.ts";
import { type TroubledMesh, troubledMesh } from "./troubled-mesh.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const why = PROMETHEUS.kind === "missing" ? ` (${PROMETHEUS.skip})` : "";

/** How long all of it may take to come together: some scrapes of a second each, on a busy machine. */
const PATIENCE_MS = 90_000;

/** What fires in a mesh with every trouble, without waiting for the trouble to last. */
const FIRING = ["WeftBreakerOpen", "WeftCallsFail", "WeftLimitReached", "WeftRetriesMultiply", "WeftRetryBudgetSpent"];

describe.skipIf(PROMETHEUS.kind === "missing")(`the example for Prometheus${why}`, () => {
  const folder = PROMETHEUS.kind === "found" ? PROMETHEUS.path : "";

  test("has alarms and a configuration that Prometheus takes, and each alarm fires when it should and only then", () => {
    const promtool = (...args: readonly string[]): string =>
      execFileSync(join(folder, "promtool"), args, { encoding: "utf8", timeout: 60_000 });
    expect(promtool("check", "config", pathOf("prometheus.yml"))).toContain("SUCCESS");
    expect(promtool("check", "rules", pathOf("alerts.yml"))).toContain(`${alerts().length} rules found`);
    expect(promtool("test", "rules", pathOf("alerts.test.yml"))).toContain("SUCCESS");
    // The tests above would not miss an alarm that they do not name.
    const named = fileOf("alerts.test.yml");
    for (const { alert } of alerts()) expect(named.split(alert).length - 1, alert).toBe(2);
  });

  test(
    "asks for nothing that a sidecar in trouble has no answer to",
    async () => {
      await using mesh = await troubledMesh();
      const prometheus = await startRealPrometheus(folder, scraping(mesh.adminPort));
      try {
        const queries = dashboardQueries().map(({ panel, expr }) => ({ of: panel, expr: filledIn(expr) }));
        const reads = alerts().flatMap(({ alert, expr }) => metricsIn(expr).map((name) => ({ of: alert, expr: name })));
        expect(queries.length).toBeGreaterThan(40);
        expect(reads.length).toBeGreaterThan(alerts().length);
        expect(await unanswered(mesh, prometheus, [...queries, ...reads])).toEqual([]);
        const fire = FIRING.map((alert) => ({ of: alert, expr: `ALERTS{alertname="${alert}",alertstate="firing"}` }));
        expect(await unanswered(mesh, prometheus, fire)).toEqual([]);
      } finally {
        await prometheus.stop();
      }
    },
    PATIENCE_MS * 2 + 30_000,
  );
});

test("the dashboard has room for each panel, and knows each variable that it asks by", () => {
  const { panels, templating } = dashboard();
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const taken = new Set<string>();
  for (const { title, type, description = "", gridPos } of panels) {
    if (type !== "row") expect(description, title).toMatch(/\.$/);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x < 24 && !taken.has(`${x} ${y}`), title).toBe(true);
        taken.add(`${x} ${y}`);
      }
    }
  }
  const known = templating.list.map(({ name }) => name);
  const asked = dashboardQueries().flatMap(({ expr }) => expr.match(/(?<=\$)(?!__)\w+/g) ?? []);
  expect(asked.filter((name) => !known.includes(name))).toEqual([]);
});

describe("each alarm", () => {
  test.each(alerts().map((rule) => [rule.alert, rule] as const))(
    "%s says what to do, and where it stands",
    (_, rule) => {
      const { summary = "", runbook = "" } = rule.annotations;
      expect(summary).not.toBe("");
      const pages = runbook.match(/docs\/[a-z0-9/-]+\.md(?:#[a-z0-9-]+)?/g) ?? [];
      expect(pages.length).toBeGreaterThan(0);
      for (const page of pages) {
        const [path = "", anchor] = page.split("#");
        expect(existsSync(join(ROOT, path)), page).toBe(true);
        if (anchor !== undefined) expect(anchorsOf(readFileSync(join(ROOT, path), "utf8")), page).toContain(anchor);
      }
    },
  );
});

/**
 * Makes calls and asks, until each expression has an answer that is a number or the time is over.
 *
 * @returns those that have none
 */
async function unanswered(
  mesh: TroubledMesh,
  prometheus: RealPrometheus,
  expressions: readonly { readonly of: string; readonly expr: string }[],
): Promise<readonly string[]> {
  const limit = AbortSignal.timeout(PATIENCE_MS);
  let left = expressions;
  while (left.length > 0 && !limit.aborted) {
    await mesh.load();
    const answered = await Promise.all(left.map(({ expr }) => prometheus.query(expr)));
    left = left.filter((_, at) => !answered[at]!.some(({ value }) => value[1] !== "NaN")); // one for each that was asked
    // The next scrape is a second away at most.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return left.map(({ of, expr }) => `${of}: ${expr}`);
}

/** The example's files, for another port, faster, and with alarms that do not wait for the trouble to last. */
function scraping(port: number): Readonly<Record<string, string>> {
  return {
    "prometheus.yml": fileOf("prometheus.yml").replace("127.0.0.1:15000", `127.0.0.1:${port}`).replaceAll("15s", "1s"),
    "alerts.yml": fileOf("alerts.yml")
      .replaceAll(/^ +for: .*\n/gm, "")
      .replaceAll(/\[\d+m\]/g, "[10s]"),
  };
}

/** As Grafana fills in what a user has not chosen. */
function filledIn(expression: string): string {
  return expression.replaceAll("$__rate_interval", "10s").replaceAll(/\$(service|instance)/g, ".*");
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9 _-]/g, "")
      .replaceAll(" ", "-"),
  );
}
