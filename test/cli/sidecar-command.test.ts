import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runWithFake } from "./sidecar-running.ts";

const LISTEN = ["sidecar", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9001,127.0.0.1:9002"];
const READY = /^\{"ready":true/;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-sidecar-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Puts a policy in place at once, as editors and Kubernetes do. */
async function policy(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(`${file}.next`, text);
  await rename(`${file}.next`, file);
  return file;
}

const policyWith = (services: string, listen = "127.0.0.1:0"): string =>
  `version: 1\nservices: ${services}\nsidecar: { outbound: { listen: "${listen}" } }\n`;

test("prints one ready line on standard output, all else on standard error, and drains with 0", async () => {
  await using running = runWithFake([...LISTEN, "--admin", "127.0.0.1:0", "--drain", "1.5s", "--access-log", "json"]);
  await running.says(READY);
  running.kill("SIGTERM");
  const { code, stdout, stderr } = await running.ended;
  expect(code).toBe(0);
  const [line, rest] = stdout.split("\n");
  expect(rest).toBe("");
  const at = expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string; // a matcher stands for a string
  expect(JSON.parse(line ?? "")).toEqual({
    ready: true,
    listeners: [
      { name: "outbound", address: at, protocol: "http" },
      { name: "admin", address: at, protocol: "http" },
    ],
  });
  expect(stderr.split("\n")).toEqual([
    "weft sidecar: fake: access log to where the policy says",
    "weft sidecar: SIGTERM: draining; a second signal ends it at once",
    "weft sidecar: fake: leaves",
    "weft sidecar: fake: drains within 1500 ms",
    "weft sidecar: drained in 3 ms: 2 finished, 1 cut",
    "",
  ]);
});

test("--no-coalesce: the thread never waits for frames", async () => {
  await using running = runWithFake([...LISTEN, "--no-coalesce"]);
  await running.says(/fake: must not coalesce/); // without, it is not told so: see above
});

test("--protocol tcp listens for connections", async () => {
  await using running = runWithFake([...LISTEN, "--protocol", "tcp"]);
  const [line] = await running.says(/^\{"ready".*\n/);
  expect(JSON.parse(line)).toMatchObject({ listeners: [{ name: "tcp:0", protocol: "tcp" }] });
});

test.each([
  { signal: "SIGTERM", code: 143 },
  { signal: "SIGINT", code: 130 },
] as const)("a second signal, $signal, ends it at once when draining goes on", async ({ signal, code }) => {
  await using running = runWithFake(LISTEN, { FAKE: "drain" });
  await running.says(READY);
  running.kill("SIGINT");
  await running.says(/fake: drains/);
  running.kill(signal);
  expect((await running.ended).code).toBe(code);
});

test("a signal before it is ready ends it with 0 and no ready line", async () => {
  await using running = runWithFake(LISTEN, { FAKE: "ready" });
  await running.says(/fake: access log/);
  running.kill("SIGTERM");
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  expect(stderr).toContain("drained");
});

test("goes on when nobody reads its standard output any more", async () => {
  await using running = runWithFake(LISTEN, { FAKE: "ready" });
  await running.says(/fake: access log/);
  running.stopReading("stdout");
  running.kill("SIGHUP");
  await running.says(/there is no policy file to read again/);
  running.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
});

test("follows its policy file, and a bad one changes nothing and says why", async () => {
  const file = await policy("followed.yaml", policyWith("{ a: {} }"));
  await using running = runWithFake(["sidecar", file]);
  await running.says(READY);
  await policy("followed.yaml", policyWith("{ a: {}, b: { retry: { maxRetries: -1 } } }"));
  await running.says(/followed\.yaml:2:46 services\.b\.retry\.maxRetries: -1 is not in 0\.\.10/);
  await running.says(/followed\.yaml is not in place, the last good policy stays\n/);
  await policy("followed.yaml", policyWith("{ a: {}, b: {}, c: { tls: { verify: false } } }"));
  await running.says(/warning: .*followed\.yaml:2:47 services\.c\.tls\.verify: false takes any certificate/);
  await running.says(/followed\.yaml: fake: 3 services\n.*followed\.yaml is in place: changes: 1\n/);
  await rm(file);
  await running.says(/followed\.yaml cannot be read: there is no such file/);
  running.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
});

test("SIGHUP reads the file and opens the access log again, whether anything has changed or not", async () => {
  const file = await policy("hup.yaml", policyWith("{ a: {} }"));
  await using running = runWithFake(["sidecar", "--config", file]);
  await running.says(READY);
  running.kill("SIGHUP");
  await running.says(/opens the access log anew/);
  await running.says(/hup\.yaml is in place/);
});

test("an access log that cannot be opened again is said in words, and the file is read all the same", async () => {
  const file = await policy("no-log.yaml", policyWith("{ a: {} }"));
  await using running = runWithFake(["sidecar", file], { FAKE: "log" });
  await running.says(READY);
  running.kill("SIGHUP");
  await running.says(/^weft sidecar: the access log is not opened anew: ENOENT: no such file\n/m);
  await running.says(/no-log\.yaml is in place/);
});

test("a policy whose listener cannot be opened changes nothing and says why", async () => {
  await using taken = await takenPort();
  const file = await policy("taken.yaml", policyWith("{}"));
  await using running = runWithFake(["sidecar", file]);
  await running.says(READY);
  await policy("taken.yaml", policyWith("{}", `127.0.0.1:${taken.port}`));
  await running.says(/taken\.yaml is not in place, the last good policy stays: listen EADDRINUSE/);
});

test("a port in use is said in a line, with 1", async () => {
  await using taken = await takenPort();
  await using running = runWithFake(["sidecar", "--listen", `127.0.0.1:${taken.port}`, "--upstream", "a:1"]);
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(new RegExp(`the port is in use: .*127\\.0\\.0\\.1:${taken.port}\n$`));
});

test("a command line is refused with 2 and every mistake", async () => {
  await using running = runWithFake(["sidecar", "--listen", "here", "--upstream", "a:1", "--drain", "soon"]);
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^weft: --drain: .*\nweft: --listen: .*\nSee weft sidecar --help\.\n$/);
});

test.each([
  { text: "version: 1\nservices: {}\n", says: "says nothing to listen on: it needs sidecar with inbound" },
  { text: "version: 1\nsidecar: {}\n", says: ":2:10 sidecar: has nothing to listen on: name inbound, outbound or tcp" },
  {
    text: "version: 1\ndiscovery: { consul: { token: { env: WEFT_NO_TOKEN } } }\nsidecar: { outbound: { listen: 127.0.0.1:0 } }\n",
    says: "weft sidecar: the secret in environment variable WEFT_NO_TOKEN is missing or empty\n",
  },
  { text: "version: 1\nsidecar: { outbound: {} }\n", says: ":2:22 sidecar.outbound.listen: is missing" },
])("a file that says $text is refused with 2", async ({ text, says }) => {
  const file = await policy("refused.yaml", text);
  await using running = runWithFake(["sidecar", file]);
  const { code, stderr } = await running.ended;
  expect(code).toBe(2);
  expect(stderr).toContain(says);
});

async function takenPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a host and a port
  return { port, [Symbol.asyncDispose]: async () => void server.close() };
}
