import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parsePolicy } from "../load/parse-policy.ts";
import { problemLine, type Problem } from "../problem/problem.ts";
import { problemsOf } from "../problem/policy-error.ts";
import { checkPolicy, type Policy } from "../resolve/check-policy.ts";
import { loadTls, type LoadTlsOptions, tlsFiles } from "./load-tls.ts";

const FOLDER = new URL("../../certificates/", import.meta.url).pathname;
const pem = (name: string): string => readFileSync(join(FOLDER, `${name}.pem`), "utf8");

let made: string;
beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), "weft-tls-"));
  await writeFile(join(made, "empty.pem"), "");
  await writeFile(join(made, "prose.pem"), "a certificate follows");
  await writeFile(join(made, "garbage.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  await writeFile(join(made, "chain.pem"), `${pem("orders")}\n${pem("authority")}`);
});
afterAll(() => rm(made, { recursive: true }));

function policyOf(tls: object, file = join(FOLDER, "policy.yaml")): Policy {
  return checkPolicy({ version: 1, services: { orders: { tls } } }, { home: "sidecar", file }).policy;
}

/** Each fault as `path: message`, without where the files are. */
async function faults(policy: Policy, options: LoadTlsOptions = {}): Promise<readonly string[]> {
  const told = (problems: readonly Problem[]): readonly string[] =>
    problems.map(({ severity, path, message }) =>
      `${severity} ${path}: ${message}`.replaceAll(FOLDER, "").replaceAll(`${made}/`, ""),
    );
  return loadTls(policy, options).then(
    ({ warnings }) => told(warnings),
    (error: unknown) => told(problemsOf(error)),
  );
}

test("what fits is read", async () => {
  const { policy } = checkPolicy(
    {
      version: 1,
      defaults: { tls: { ca: "authority.pem" } },
      services: { orders: { tls: { cert: "web.pem", key: "web-key.pem" } }, legacy: { tls: "off" } },
      sidecar: { outbound: { listen: "127.0.0.1:0", tls: { cert: "orders.pem", key: { file: "orders-key.pem" } } } },
    },
    { home: "sidecar", file: join(FOLDER, "policy.yaml") },
  );
  const { services, defaults, listeners, warnings } = await loadTls(policy);
  expect(warnings).toEqual([]);
  expect(defaults).toEqual({ ca: pem("authority"), cert: undefined, key: undefined });
  expect([...services]).toEqual([["orders", { ca: pem("authority"), cert: pem("web"), key: pem("web-key") }]]);
  expect([...listeners]).toEqual([["outbound", { ca: undefined, cert: pem("orders"), key: pem("orders-key") }]]);
});

describe("what does not", () => {
  test.each([
    {
      tls: { ca: "none.pem" },
      says: 'error services.orders.tls.ca: "none.pem" cannot be read: there is no such file; it must hold one or more certificates in PEM',
    },
    { tls: { ca: "." }, says: "cannot be read: it is not a file" },
    {
      tls: { cert: "web.pem", key: "orders-key.pem" },
      says: 'error services.orders.tls.key: "orders-key.pem" is not the key of (CN=web), the first certificate in "web.pem"',
    },
    {
      tls: { cert: "web-key.pem", key: "web-key.pem" },
      says: 'error services.orders.tls.cert: "web-key.pem" holds no certificate in PEM, -----BEGIN CERTIFICATE-----',
    },
    {
      tls: { cert: "orders.pem", key: "web.pem" },
      says: 'error services.orders.tls.key: "web.pem" holds no private key in PEM',
    },
    { tls: { cert: "orders.pem", key: "encrypted-key.pem" }, says: "is encrypted, and there is nobody to ask" },
  ])("$says", async ({ tls, says }) => {
    expect(await faults(policyOf(tls))).toEqual([expect.stringContaining(says)]);
  });

  test.each([
    { ca: "empty.pem", says: '"empty.pem" holds no certificate in PEM' },
    { ca: "prose.pem", says: '"prose.pem" holds no certificate in PEM' },
    { ca: "garbage.pem", says: '"garbage.pem" holds something else than a certificate as its number 1' },
  ])("$says", async ({ ca, says }) => {
    expect(await faults(policyOf({ ca: join(made, ca) }))).toEqual([expect.stringContaining(says)]);
  });

  test("a key in a variable is named and never shown", async () => {
    const policy = policyOf({ cert: "web.pem", key: { env: "WEFT_TEST_KEY" } });
    expect(await faults(policy)).toEqual([
      expect.stringContaining("tls.key: environment variable WEFT_TEST_KEY cannot be read: it is not set, or empty"),
    ]);
    vi.stubEnv("WEFT_TEST_KEY", pem("orders-key"));
    expect(await faults(policy)).toEqual([
      expect.stringContaining("environment variable WEFT_TEST_KEY is not the key of (CN=web)"),
    ]);
    vi.stubEnv("WEFT_TEST_KEY", pem("web-key"));
    expect(await faults(policy)).toEqual([]);
    vi.unstubAllEnvs();
  });

  test("a device, a folder and a file of many megabytes are not read", async () => {
    const large = join(made, "large.pem");
    await writeFile(large, "");
    await truncate(large, 100_000_000);
    expect(await faults(policyOf({ ca: "/dev/zero", cert: FOLDER, key: large }))).toEqual([
      expect.stringContaining('tls.ca: "/dev/zero" cannot be read: it is not a file'),
      expect.stringContaining("tls.cert: "),
      expect.stringContaining("cannot be read: it has 100000000 bytes, which no certificate needs"),
    ]);
  });

  test("all of it is told at once", async () => {
    expect(await faults(policyOf({ ca: "none.pem", cert: "none.pem", key: "none.pem" }))).toHaveLength(3);
  });
});

test("a certificate whose time is over, or has not come, is a warning", async () => {
  expect(await faults(policyOf({ cert: "expired.pem", key: "expired-key.pem" }))).toEqual([
    expect.stringMatching(/^warning services\.orders\.tls\.cert: "expired\.pem" \(CN=orders\) expired on 20\S+Z: /),
  ]);
  expect(await faults(policyOf({ ca: "authority.pem" }), { epochMs: 0 })).toEqual([
    expect.stringContaining('tls.ca: "authority.pem" (CN=weft tests) is not valid before 20'),
  ]);
});

test("what cannot be read is a warning where the policy is only looked at", async () => {
  const policy = policyOf({ ca: "none.pem", cert: "web.pem", key: "none.pem" });
  expect(await faults(policy, { unreadable: "warning" })).toEqual([
    expect.stringContaining("warning services.orders.tls.ca"),
    expect.stringContaining("warning services.orders.tls.key"),
  ]);
});

test("of a chain the first certificate is our own", async () => {
  expect(await faults(policyOf({ cert: join(made, "chain.pem"), key: "orders-key.pem" }))).toEqual([]);
});

test("a fault stands where it was written, with file and line, and once where many inherit it", async () => {
  const text = [
    "version: 1",
    "defaults:",
    "  tls:",
    "    ca: none.pem",
    "services:",
    "  orders: {}",
    "  users: { tls: { cert: web.pem, key: orders-key.pem } }",
    "sidecar:",
    "  inbound:",
    "    listen: 127.0.0.1:0",
    "    app: 127.0.0.1:1",
    "    tls: { cert: orders.pem, key: web-key.pem }",
  ].join("\n");
  const file = join(FOLDER, "policy.yaml");
  const { policy } = await parsePolicy(text, { file, home: "sidecar" });
  const error: unknown = await loadTls(policy).catch((reason: unknown) => reason);
  expect(problemsOf(error).map((problem) => problemLine(problem).replaceAll(FOLDER, ""))).toEqual([
    'policy.yaml:4:9 defaults.tls.ca: "none.pem" cannot be read: there is no such file; it must hold one or more certificates in PEM',
    'policy.yaml:7:39 services.users.tls.key: "orders-key.pem" is not the key of (CN=web), the first certificate in "web.pem"',
    'policy.yaml:12:35 sidecar.inbound.tls.key: "web-key.pem" is not the key of (CN=orders), the first certificate in "orders.pem"',
  ]);
});

test("the files that a policy names are listed, each once", () => {
  const { policy } = checkPolicy(
    {
      version: 1,
      defaults: { tls: { ca: "ca.pem" } },
      services: { orders: {}, users: { tls: { cert: "web.pem", key: { env: "KEY" } } } },
      sidecar: { outbound: { listen: "127.0.0.1:0", tls: { cert: "web.pem", key: "web-key.pem" } } },
    },
    { home: "sidecar" },
  );
  expect(tlsFiles(policy).toSorted()).toEqual(["ca.pem", "web-key.pem", "web.pem"]);
  expect(tlsFiles(checkPolicy({ version: 1 }).policy)).toEqual([]);
});

test("a file is read again for each load", async () => {
  const at = join(made, "renewed.pem");
  await copyFile(join(FOLDER, "authority.pem"), at);
  const policy = policyOf({ ca: at });
  const before = (await loadTls(policy)).services.get("orders")?.ca;
  await copyFile(join(FOLDER, "other-authority.pem"), at);
  expect((await loadTls(policy)).services.get("orders")?.ca).not.toBe(before);
});
