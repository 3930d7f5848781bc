import { chmod, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { problemsOf } from "../problem/policy-error.ts";
import { loadPolicy } from "./load-policy.ts";
import { parsePolicy } from "./parse-policy.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-load-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** The one problem of a file that is refused as a whole. */
async function refusal(path: string): Promise<string> {
  const error: unknown = await loadPolicy(path).catch((reason: unknown) => reason);
  const problems = problemsOf(error);
  expect(problems).toMatchObject([{ file: path, severity: "error" }]);
  return problems[0]?.message ?? "";
}

test("the example beside the schema is accepted, with a warning for each part that its home does not use yet", async () => {
  const example = new URL("../../schema/example.yaml", import.meta.url).pathname;
  const { policy, warnings } = await loadPolicy(example, { home: "sidecar" });
  expect(policy.services.get("orders")).toMatchObject({
    discover: { kind: "consul", service: "orders", tag: "v2" },
    timeout: { totalMs: 15_000, attemptMs: 3_000, connectMs: 1_000, idleMs: 300_000 },
    retry: { options: { maxRetries: 1 }, budget: { ratio: 0.2, minPerSecond: 10 } },
    breaker: { failureRatio: 0.5, minimumCalls: 20, windowMs: 10_000, coolDownMs: 5_000 },
    rules: [{ policy: { timeout: { totalMs: 60_000 }, retry: undefined, hedge: undefined } }],
  });
  expect(policy.discovery.consul).toEqual({ url: "http://127.0.0.1:8500", token: { env: "CONSUL_HTTP_TOKEN" } });
  expect(warnings).toEqual([]);
  const inSdk = (await loadPolicy(example)).warnings;
  expect(inSdk.map(({ path }) => path)).toEqual([
    "telemetry",
    "services.orders.tracing",
    "services.orders.limits.pending",
  ]);
  expect(inSdk[0]?.message).toContain("createMesh({ telemetry })");
  expect(inSdk[2]?.message).toBe("checked, but the SDK does not use it yet");
});

test("a file whose name ends in .json is JSON", async () => {
  expect(await refusal(await file("policy.json", "version: 1"))).toContain("is not JSON");
  expect((await loadPolicy(await file("good.json", '{ "version": 1 }'))).warnings).toEqual([]);
});

test("a mark of the byte order at its start does not count", async () => {
  expect((await loadPolicy(await file("marked.json", '\uFEFF{ "version": 1 }'))).warnings).toEqual([]);
});

test("a file that is missing, a folder, empty, not UTF-8 or far too long is refused in words", async () => {
  expect(await refusal(join(folder, "none.yaml"))).toBe("cannot be read: there is no such file");
  expect(await refusal(folder)).toBe("cannot be read: it is not a file");
  expect(await refusal(await file("empty.yaml", ""))).toContain("is empty");
  expect(await refusal(await file("latin1.yaml", Uint8Array.of(0x61, 0x3a, 0xe9)))).toBe(
    "cannot be read: it is not UTF-8",
  );
  const long = await file("long.yaml", "version: 1\n");
  await truncate(long, 10_000_000);
  expect(await refusal(long)).toBe("cannot be read: it has 10000000 bytes, which no policy needs");
});

test("a link that leads to itself is refused", async () => {
  const link = join(folder, "loop.yaml");
  await symlink(link, link);
  expect(await refusal(link)).toContain("cannot be read: ELOOP");
});

// The superuser may read everything.
test.skipIf(process.getuid?.() === 0)(
  "a file that this user may not read is refused in words (skipped as root, who may read all)",
  async () => {
    const secret = await file("secret.yaml", "version: 1\n");
    await chmod(secret, 0);
    expect(await refusal(secret)).toBe("cannot be read: this user may not read it");
  },
);

test("a list of endpoints is found from the folder of the policy file", async () => {
  const text = "version: 1\nservices: { orders: { discover: { file: lists/orders.json } } }\n";
  const { policy } = await parsePolicy(text, { file: "/etc/weft/policy.yaml" });
  expect(policy.services.get("orders")?.discover).toEqual({ kind: "file", file: "/etc/weft/lists/orders.json" });
});
