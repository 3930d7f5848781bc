import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { weft } from "./weft.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-check-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function policy(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

test("accepts a good file and explains where each value comes from", async () => {
  const file = await policy("good.yaml", "version: 1\nservices:\n  orders:\n    retry: { maxRetries: 2 }\n");
  const { code, stdout } = await weft("check", file, "--explain", "orders");
  expect(code).toBe(0);
  expect(stdout).toContain(`retry.maxRetries: 2   # services.orders.retry.maxRetries at ${file}:4`);
  expect(stdout).toContain("retry.budget.ratio: 0.2   # built-in default (Finagle)");
});

test("lists every mistake of every file with its place, and exits 2", async () => {
  const bad = await policy(
    "bad.yaml",
    "version: 1\nservices:\n  orders:\n    retry:\n      maxRetries: -1\n      bakoff: {}\n",
  );
  const { code, stderr } = await weft("check", bad, join(folder, "none.yaml"), folder);
  expect(code).toBe(2);
  expect(stderr).toContain(`${bad}:5:19 services.orders.retry.maxRetries: -1 is not in 0..10`);
  expect(stderr).toContain(`${bad}:6:7 services.orders.retry.bakoff: unknown key; did you mean backoff?`);
  expect(stderr).toContain("none.yaml cannot be read: there is no such file");
  expect(stderr).toContain(`${folder} cannot be read: it is not a file`);
});

test("prints one JSON object with --json", async () => {
  const file = await policy("bad.json", '{\n\t"version": 2\n}');
  const { code, stdout } = await weft("check", "--json", file);
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    files: [{ file, problems: [{ path: "version", position: { line: 2, column: 13 } }] }],
  });
});

test("checks a file for the home that it is written for, and for another when told", async () => {
  const file = await policy(
    "sidecar.yaml",
    "version: 1\ndefaults: { limits: { pending: 5 } }\nsidecar: { outbound: { listen: 127.0.0.1:15001 } }\n",
  );
  const forSidecar = await weft("check", file, "--explain", "all");
  expect(forSidecar).toMatchObject({ code: 0, stderr: "" });
  expect(forSidecar.stdout).toContain(`${file}: accepted for the sidecar`);
  expect(forSidecar.stdout).toContain("sidecar.outbound.unknown: refuse   # built-in default (weft)");
  const forSdk = await weft("check", file, "--home", "sdk");
  expect(forSdk.stdout).toBe(`${file}: accepted for the SDK\n`);
  expect(forSdk.stderr).toContain("defaults.limits.pending: checked, but the SDK does not use it yet");
});

test("reads the certificates that a file names: one that does not fit is a mistake, one that is not here a warning", async () => {
  const at = new URL("../../packages/config/certificates/", import.meta.url).pathname;
  const policyWith = (name: string, key: string): Promise<string> =>
    policy(
      name,
      `version: 1\nsidecar:\n  outbound:\n    listen: 127.0.0.1:0\n    tls: { cert: ${at}web.pem, key: ${key} }\n`,
    );
  const wrong = await weft("check", await policyWith("wrong.yaml", `${at}orders-key.pem`));
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/wrong\.yaml:5:\d+ sidecar\.outbound\.tls\.key: ".*orders-key\.pem" is not the key of/);
  const elsewhere = await weft("check", await policyWith("elsewhere.yaml", "web-key.pem"));
  expect(elsewhere.code).toBe(0);
  expect(elsewhere.stderr).toMatch(/^warning: .*tls\.key: ".*web-key\.pem" cannot be read: there is no such file/);
  const right = await weft("check", await policyWith("right.yaml", `${at}web-key.pem`));
  expect(right).toMatchObject({ code: 0, stderr: "" });
});
