import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Tells of each file that is loaded, in whatever way. */
const LISTENING = `
import { registerHooks } from "node:module";
const files = [];
registerHooks({ load: (url, context, next) => { files.push(url); return next(url, context); } });
const third = () => [...new Set(files.flatMap((url) => /node_modules\\/(?!\\.pnpm)((?:@[^/]+\\/)?[^/]+)(?!.*node_modules)/.exec(url)?.[1] ?? []))];
`;

/** Packages of others that a script has loaded, of which it prints `third()`. */
async function loadedBy(script: string): Promise<readonly string[]> {
  const argv = ["--conditions=@weft/source", "--input-type=module", "--eval", LISTENING + script];
  const { stdout } = await run(process.execPath, argv, { cwd: import.meta.dirname, timeout: 60_000 });
  return JSON.parse(stdout) as string[]; // what the script prints
}

const PRINT = `console.log(JSON.stringify(third()));`;

test("an import of the package loads nothing of OpenTelemetry", async () => {
  expect(await loadedBy(`await import("@weft/telemetry"); ${PRINT}`)).toEqual([]);
});

test("spans are traced and sent without anything of OpenTelemetry", async () => {
  const script = `
    const { startTelemetry } = await import("@weft/telemetry");
    const telemetry = await startTelemetry({ serviceName: "web", otlp: { url: "http://127.0.0.1:1" }, register: false });
    const call = { number: 1, service: "orders", startedMs: performance.now(), attempt: 0, begun: undefined };
    const request = { side: "app", protocol: "http", method: "GET", path: "/", secure: false, version: "", peer: "", header: () => undefined };
    telemetry.tracing.begin(call, request).fields(1);
    await telemetry.close();
    ${PRINT}`;
  expect(await loadedBy(script)).toEqual([]);
});

test("an app's own OpenTelemetry is used through its API alone", async () => {
  const script = `const { openTelemetry } = await import("@weft/telemetry"); await openTelemetry(); ${PRINT}`;
  expect(await loadedBy(script)).toEqual(["@opentelemetry/api"]);
});
