import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ALL_FAMILIES } from "../metrics/all-families.ts";
import { fakeView, makeCall } from "./fake-view.suite.ts";
import { answer, ROUTES } from "./routes.ts";
import { Problem } from "./reply.ts";

const page = `\n${readFileSync(join(import.meta.dirname, "../../../../docs/admin.md"), "utf8")}`;

/** The first block of JSON below this heading. */
function shown(heading: string): unknown {
  const below = page.slice(page.indexOf(`\n${heading}\n`));
  return JSON.parse(/```json\n([^]*?)```/.exec(below)?.[1] ?? "null");
}

/** Keys and types instead of values; of a list its first element. Null stands for any type. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape);
  if (typeof value !== "object" || value === null) return value === null ? expect.anything() : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
}

function answered(path: string, view = fakeView()): unknown {
  const [pathname = "", query] = path.split("?");
  const request = { method: "GET", path: pathname, query: new URLSearchParams(query), accept: "" };
  return JSON.parse(answer(request, view).body);
}

test("the page has each route, and no other", () => {
  const rows = [...page.matchAll(/^\| `((?:GET|POST) \/\S*)` \|/gm)].map(([, route]) => route);
  expect(rows).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`));
});

test("a service is shown as on the page", () => {
  const view = fakeView();
  view.cluster.eject("orders-1", 8_200);
  const group = {
    priority: 0,
    zone: "a",
    share: 1,
    panic: false,
    zonesOff: undefined,
    spill: undefined,
    lookFrom: undefined,
    endpoints: 2,
  };
  view.shown = {
    freshness: { kind: "stale", sinceMs: 0, error: "x" },
    breaker: { kind: "open", untilMs: 2_000 },
    division: { zonesOff: undefined, groups: [group] },
  };
  const service = answered("/services/orders", view);
  expect(shape(shown("## /services"))).toEqual(shape(service));
});

test("the overview is shown as on the page", () => {
  const view = fakeView();
  view.cluster.eject("orders-1", 8_200);
  view.shown = { breaker: { kind: "closed" } };
  expect(shape(shown("## /overview"))).toEqual(shape(answered("/overview", view)));
});

test("calls and what was decided about them are shown as on the page", async () => {
  const view = fakeView();
  await makeCall(view, 8, "orders-2", "4bf92f3577b34da6a3ce929d0e0e4736");
  expect(shape(shown("## /calls"))).toEqual(shape(answered("/calls", view)));
  expect(shape(shown("## /explain"))).toEqual(shape(answered("/explain?failed&format=json", view)));
});

test("the state is shown as on the page", () => {
  const view = fakeView();
  view.state = {
    kind: "starting",
    reasons: [
      "service orders: consul orders at http://127.0.0.1:8500 has not answered yet: connect ECONNREFUSED 127.0.0.1:8500",
    ],
  };
  expect(answered("/ready", view)).toEqual(shown("## /ready"));
});

test("the policy is shown as on the page: the same fields, and those that it names with the same values", () => {
  const [onPage, config] = [shown("## /config"), answered("/config")];
  if (typeof onPage !== "object" || onPage === null) throw new Error("the page shows no policy");
  expect(config).toMatchObject(onPage);
  expect(Object.keys(onPage)).toEqual(Object.keys(config ?? {}));
});

test("a problem is shown as on the page", () => {
  const asked = (): unknown => answered("/services/oders");
  expect(asked).toThrow(Problem);
  expect(asked).toThrow(expect.objectContaining({ status: 404, message: Object(shown("# Admin API")).detail }));
});

test("each number on the page is among the metrics", () => {
  const families = new Set(ALL_FAMILIES.map(({ name }) => name));
  const named = page.match(/\b(?:envoy|weft)_[a-z0-9_]*[a-z0-9]\b(?!=)/g) ?? [];
  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(families).toContain(name.replace(/_bucket$/, ""));
});
