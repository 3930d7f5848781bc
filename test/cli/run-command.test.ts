import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runWithFake } from "./sidecar-running.ts";

const SIDECAR = ["run", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9001"];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-run-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** An app in JavaScript. */
const app = (code: string): readonly string[] => ["--", process.execPath, "--eval", code];

/** Goes on until it is told to end, and then ends with `code`. */
const GOES_ON = (code: number): string => `
  const told = (signal) => { console.log("app got " + signal); process.exit(${code}); };
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, told);
  process.on("SIGUSR2", (signal) => console.log("app heard " + signal));
  setInterval(() => {}, 1e6);
  console.log("app runs");`;

test("starts the app when the sidecar is ready, and ends with its exit code after the sidecar drained", async () => {
  await using running = runWithFake([...SIDECAR, ...app("console.log('hello'); process.exitCode = 7")]);
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout }).toEqual({ code: 7, stdout: "hello\n" });
  expect(stderr).toMatch(
    /fake: access log to stderr\n\{"ready":true.*\n.* has ended with 7\n.*fake: leaves\n.*fake: drains/,
  );
});

test("an app that a signal ends is 128 and the number of the signal", async () => {
  await using running = runWithFake([...SIDECAR, ...app("process.kill(process.pid, 'SIGKILL')")]);
  expect((await running.ended).code).toBe(137);
});

test("with --propagate a Node app carries traces on by a preload, beside what NODE_OPTIONS had", async () => {
  const show = app("console.log(process.env.NODE_OPTIONS)");
  await using running = runWithFake([...SIDECAR, "--propagate", ...show], { NODE_OPTIONS: "--no-deprecation" });
  const { code, stdout } = await running.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^--no-deprecation --import=file:\/\/.*propagate.*\n$/);
});

test("the app finds the sidecar by its environment", async () => {
  const file = join(folder, "environment.yaml");
  await writeFile(
    file,
    `version: 1
services: { orders: {} }
sidecar:
  service: web
  inbound: { listen: "127.0.0.1:0", app: "127.0.0.1:3000" }
  outbound: { listen: "0.0.0.0:0" }
  tcp: [{ listen: "127.0.0.1:0", service: orders-db }]
  admin: { listen: "127.0.0.1:0" }
`,
  );
  const show = "console.log(JSON.stringify(process.env))";
  await using running = runWithFake(["run", file, ...app(show)], {
    NO_PROXY: "internal.example",
    HTTPS_PROXY: "http://elsewhere:1",
    http_proxy: "http://elsewhere:1",
  });
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) as string }); // a matcher stands for a string
  const ports = [...stderr.matchAll(/"address":"[\d.]+:(\d+)"/g)].map(([, port]) => port);
  const [outbound, tcp, admin] = ports;
  const proxy = `http://127.0.0.1:${outbound}`;
  const direct = "internal.example,localhost,127.0.0.1,::1,[::1]";
  expect(JSON.parse(stdout)).toMatchObject({
    HTTP_PROXY: proxy,
    http_proxy: proxy,
    HTTPS_PROXY: "http://elsewhere:1",
    NO_PROXY: direct,
    no_proxy: direct,
    NODE_USE_ENV_PROXY: "1",
    WEFT_SERVICE: "web",
    WEFT_APP: "127.0.0.1:3000",
    WEFT_OUTBOUND: `127.0.0.1:${outbound}`,
    WEFT_TCP_ORDERS_DB: `127.0.0.1:${tcp}`,
    WEFT_ADMIN: `127.0.0.1:${admin}`,
  });
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s: the sidecar leaves, then the app is told, then the sidecar drains",
  async (signal) => {
    await using running = runWithFake([...SIDECAR, ...app(GOES_ON(0))]);
    await running.says(/app runs/);
    running.kill(signal);
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: `app runs\napp got ${signal}\n` });
    expect(stderr).toMatch(/fake: leaves\n.* has ended with 0\n.*fake: drains/);
  },
);

test("an app that SIGTERM ends is 143", async () => {
  await using running = runWithFake([...SIDECAR, ...app("console.log('app runs'); setInterval(() => {}, 1e6)")]);
  await running.says(/app runs/);
  running.kill("SIGTERM");
  expect((await running.ended).code).toBe(143);
});

test("other signals go to the app, and nothing ends", async () => {
  await using running = runWithFake([...SIDECAR, ...app(GOES_ON(3))]);
  await running.says(/app runs/);
  running.kill("SIGUSR2");
  await running.says(/app heard SIGUSR2/);
  running.kill("SIGTERM");
  expect((await running.ended).code).toBe(3);
});

test("a second signal ends both at once, also an app that ignores the first", async () => {
  const stubborn =
    "process.on('SIGTERM', () => console.log('app stays')); setInterval(() => {}, 1e6); console.log('app runs')";
  await using running = runWithFake([...SIDECAR, ...app(stubborn)]);
  await running.says(/app runs/);
  running.kill("SIGTERM");
  await running.says(/app stays/);
  running.kill("SIGTERM");
  // Both write to the same pipes, which are closed when both have ended.
  expect((await running.ended).code).toBe(143);
});

test("a signal before the app has started is 143, and it is never started", async () => {
  await using running = runWithFake([...SIDECAR, ...app("console.log('app runs')")], { FAKE: "ready" });
  await running.says(/fake: access log/);
  running.kill("SIGTERM");
  const { code, stdout } = await running.ended;
  expect({ code, stdout }).toEqual({ code: 143, stdout: "" });
});

test.each([
  { command: "no-such-command-anywhere", code: 127, says: "there is no such command" },
  { command: import.meta.filename, code: 126, says: "it may not be executed" },
])("a command that cannot be started is $code", async ({ command, code, says }) => {
  await using running = runWithFake([...SIDECAR, "--", command]);
  const ended = await running.ended;
  expect(ended.code).toBe(code);
  expect(ended.stderr).toContain(`weft run: cannot start ${command}: ${says}`);
  expect(ended.stderr).toContain("fake: drains");
});

test("a script whose interpreter is not there is 127, and is not said to be missing itself", async () => {
  const script = join(folder, "script");
  await writeFile(script, "#!/no/such/interpreter\n", { mode: 0o755 });
  await using running = runWithFake([...SIDECAR, "--", script]);
  const { code, stderr } = await running.ended;
  expect(code).toBe(127);
  expect(stderr).toContain(`weft run: cannot start ${script}: the interpreter that it names is not there`);
});

test.runIf(existsSync("/usr/bin/setpriv"))(
  "an app behind setpriv --pdeathsig ends when weft run is killed",
  async () => {
    const [dashes = "", ...command] = app(GOES_ON(0));
    await using running = runWithFake([...SIDECAR, dashes, "setpriv", "--pdeathsig", "TERM", ...command]);
    await running.says(/app runs/);
    running.kill("SIGKILL");
    // Both write to the same pipes, which are closed when both have ended.
    expect(await running.ended).toMatchObject({ code: null, stdout: "app runs\napp got SIGTERM\n" });
  },
);

test.each([
  { args: [...SIDECAR, "node", "app.js"], says: "name a command behind two dashes: weft run ... -- COMMAND ARGS..." },
  { args: [...SIDECAR, "--"], says: "name a command behind two dashes" },
  { args: ["run", "--", "node"], says: "name a policy file, weft run FILE, or say --listen" },
])("$args is refused with 2", async ({ args, says }) => {
  await using running = runWithFake(args);
  const { code, stderr } = await running.ended;
  expect(code).toBe(2);
  expect(stderr).toContain(says);
});
