import { expect, test } from "vitest";
import { problemsOf } from "../problem/policy-error.ts";
import { parsePolicy } from "./parse-policy.ts";

async function refusal(text: string, file = "policy.yaml"): Promise<string> {
  const error: unknown = await parsePolicy(text, { file }).catch((reason: unknown) => reason);
  expect(problemsOf(error)).not.toEqual([]);
  return error instanceof Error ? error.message : "";
}

const service = (body: string): string => `version: 1\nservices:\n  orders: ${body}\n`;

test.each([
  { text: "", says: "is empty" },
  { text: "\tversion: 1", says: "policy.yaml:1:1 Tabs" },
  { text: "version: 1\nversion: 1", says: 'policy.yaml:2:1 the key "version" stands here twice' },
  { text: "# later", says: "policy.yaml is empty" },
  { text: "version: 1\n---\nversion: 1", says: "policy.yaml:2:1 a second document starts here" },
  { text: `version: 1\nservices: ${"[".repeat(50_000)}`, says: "is nested far deeper than any policy" },
  { text: "version: !own 1", says: "policy.yaml:1:10 Unresolved tag: !own" },
  { text: "version: 1\n? [a]\n: 1", says: "all keys must be strings" },
  { text: 'version: 1\n"a\\e[31m": 1', says: String.raw`["a\u001b[31m"]: unknown key` },
  { text: "version: 2", says: "version: 2 is not 1" },
  { text: service("{ retry: [] }"), says: "a list of 0 is not an object or off" },
  { text: "x".repeat(2_000_000), says: "which no policy needs" },
  { text: service("{ timeout: { total: 15 } }"), says: "services.orders.timeout.total: 15 is not a duration" },
  { text: service("{ timeout: { total: 1s, attempt: 5s } }"), says: "5s is over timeout.total, 1s" },
  { text: service("{ retry: { backoff: { base: 1s } } }"), says: "1s is over retry.backoff.max, 250ms" },
  { text: service("{ outliers: { maxEjection: 1s } }"), says: "1s is under outliers.baseEjection, 5s" },
  { text: service("{ breaker: { minimumCalls: 0 } }"), says: "0 is not in 1.." },
  { text: service("{ retry: off, hedge: { after: p95 } }"), says: "hedge is on and retry is off" },
  { text: service("{ balancer: { hashOn: [{ header: x }] } }"), says: "only ring-hash, maglev, ketama" },
  { text: service("{ protocol: tcp, retry: { on: [timeout] } }"), says: "cannot be repeated with protocol tcp" },
  { text: service("{ discover: { dns: a, tag: b } }"), says: "an object with tag, which belongs to consul" },
  { text: 'version: 1\nservices: { "__proto__": {} }', says: '"__proto__" cannot be a key or a name' },
  {
    text: service("{ retry: { constructor: 1 } }"),
    says: '3:22 services.orders.retry.constructor: "constructor" cannot be',
  },
  { text: "version: 1\nservices: []", says: "services: a list of 0 is not an object of services by name" },
  { text: service("{ toString: 1 }"), says: "services.orders.toString: unknown key" },
])("refuses a policy and says: $says", async ({ text, says }) => {
  expect(await refusal(text)).toContain(says);
});

test.each([
  { text: '{ "version": 1, }', says: "policy.json is not JSON" },
  { text: '{ "version": 1, "version": 1 }', says: 'policy.json:1:17 the key "version" stands here twice' },
  { text: '{\n  "version": 2\n}', says: "policy.json:2:14 version: 2 is not 1" },
  { text: "[".repeat(100_000), says: "policy.json is not JSON" },
])("refuses JSON and says: $says", async ({ text, says }) => {
  expect(await refusal(text, "policy.json")).toContain(says);
});

// 3.5 s were measured on a machine with eight times more to do than it can.
test("tells twenty thousand mistakes in one go", { timeout: 60_000 }, async () => {
  const services = Array.from({ length: 20_000 }, (_, i) => `  s${i}: { x: 1 }`);
  expect((await refusal(`version: 1\nservices:\n${services.join("\n")}`)).split("\n")).toHaveLength(20_000);
});

test("refuses aliases that expand without end", async () => {
  const bomb = Array.from(
    { length: 9 },
    (_, i) => `${"bcdefghij"[i]}: &${"bcdefghij"[i]} [${Array(9).fill(`*${"abcdefghi"[i]}`).join(",")}]`,
  );
  expect(await refusal(`a: &a [x]\n${bomb.join("\n")}`)).toMatch(/alias/i);
});

test("never shows a secret that stands where a reference belongs", async () => {
  expect(await refusal("version: 1\ndiscovery: { consul: { token: hunter2 } }")).not.toContain("hunter2");
});

test("merges built-in, defaults, service and rule field by field, and knows who set each", async () => {
  const text = `version: 1
defaults: { retry: { maxRetries: 3, budget: { ratio: 0.1 } }, hedge: { after: p90 } }
services:
  orders:
    retry: { budget: { minPerSecond: 5 } }
    rules: [{ when: { path: /reports/** }, timeout: { total: 60s }, retry: off }]`;
  const { policy } = await parsePolicy(text, { file: "policy.yaml" });
  const orders = policy.services.get("orders");
  expect(orders?.retry).toMatchObject({ options: { maxRetries: 3 }, budget: { ratio: 0.1, minPerSecond: 5 } });
  expect(orders?.rules[0]?.policy).toMatchObject({ timeout: { totalMs: 60_000, connectMs: 1_000 } });
  expect(orders?.rules[0]?.policy.retry).toBeUndefined();
  expect(orders?.rules[0]?.policy.hedge).toBeUndefined();
  expect(policy.explain("orders")).toContainEqual({
    field: "retry.maxRetries",
    value: 3,
    from: "defaults.retry.maxRetries at policy.yaml:2",
  });
  expect(policy.explain("orders")?.filter(({ field }) => field.startsWith("rules"))).toEqual([
    { field: "rules[0].retry", value: "off", from: "services.orders.rules[0].retry at policy.yaml:6" },
    { field: "rules[0].timeout.total", value: "60s", from: "services.orders.rules[0].timeout.total at policy.yaml:6" },
  ]);
  expect(policy.explain("nobody")).toBeUndefined();
});
