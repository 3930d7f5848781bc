import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { docBlocks } from "../checks/doc-blocks.ts";
import { type Running, runWeft } from "../cli/running.ts";
import type { ToolCommand } from "../real/real-tool.ts";
import { CLIENTS_BY_LANGUAGE } from "./client.ts";
import { type Stage, startStage } from "./stage.ts";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "sidecar.md");
const blocks = docBlocks(readFileSync(PAGE, "utf8")).map(({ code }) => code);

/** The one block of the page that begins so. */
function block(beginning: string): string {
  const found = blocks.filter((code) => code.startsWith(beginning));
  if (found.length !== 1) throw new Error(`docs/sidecar.md has ${found.length} blocks that begin with ${beginning}`);
  return found[0]!;
}

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** With endpoints that are there, and any free port in the place of those of the page. */
function here(text: string): string {
  const [first = "", second = ""] = stage.addresses;
  return text
    .replaceAll("127.0.0.1:9001", first)
    .replaceAll("127.0.0.1:9002", second)
    .replaceAll(/127\.0\.0\.1:1500[01]/g, "127.0.0.1:0");
}

/** Ends with the test, also with one that takes too long. */
function started(args: readonly string[]): Running {
  const running = runWeft(args);
  onTestFinished(() => running[Symbol.asyncDispose]());
  return running;
}

async function addressOf(running: Running, name: string): Promise<string> {
  const [, address = ""] = await running.says(new RegExp(`"name":"${name}","address":"([^"]+)"`));
  return address;
}

const noCurl = missing("curl");
const unless = noCurl === undefined ? "" : ` (${noCurl})`;
test.skipIf(noCurl !== undefined)(`the first five minutes of the page go as it says${unless}`, async () => {
  const [npx, weft, ...args] = here(block("npx weft sidecar --listen")).trim().split(" ");
  expect([npx, weft]).toEqual(["npx", "weft"]);
  const running = started(args);
  const outbound = await addressOf(running, "outbound");
  const admin = await addressOf(running, "admin");
  const lines = block("curl http").trim().replaceAll("127.0.0.1:15001", outbound).replaceAll("127.0.0.1:15000", admin);
  const answers: string[] = [];
  for (const line of lines.split("\n"))
    answers.push(await output("sh", ["-c", `${line} --silent --fail --max-time 20`]));
  expect(answers[0]).toMatch(/"endpoint":"orders-[12]"/);
  expect(answers[1]).toMatch(/"endpoint":"orders-[12]".*"host":"orders"/);
  expect(answers[2]).toMatch(/^call 2 to upstream, .*\n.* attempt 1 goes to /m);
  expect(JSON.parse(answers[3] ?? "")).toMatchObject({
    name: "upstream",
    endpoints: [{ attempts: 1 }, { attempts: 1 }],
  });
  const traced = /"endpoint":"[^"]+","attempts":1,.*"traceId":"[0-9a-f]{32}"/;
  await running.says(traced);
});

interface Program {
  readonly file: string;
  readonly skip: string | undefined;
  /** What runs it, before its path. */
  readonly command: readonly string[];
}

const old = Number(process.versions.node.split(".")[0]) < 24;
/** By how they begin on the page. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  "# orders.py": { file: "orders.py", skip: missing("python3"), command: ["python3"] },
  "// orders.go": { file: "orders.go", skip: missing("go"), command: ["go", "run"] },
  "// Orders.java": { file: "Orders.java", skip: missing("java"), command: javaCommand() },
  "// orders.mjs": {
    file: "orders.mjs",
    skip: old ? "Node 22 reads no HTTP_PROXY" : undefined,
    command: [process.execPath],
  },
};

function missing(tool: ToolCommand): string | undefined {
  return CLIENTS_BY_LANGUAGE.find((client) => client.tool === tool)?.skip;
}

const POLICY = "version: 1\nservices:\n  orders:\n    discover: { static:";

for (const [beginning, { file, skip, command }] of Object.entries(PROGRAMS)) {
  const because = skip === undefined ? "" : ` (${skip})`;
  test.skipIf(skip !== undefined)(`${file} calls orders when weft run starts it${because}`, async () => {
    const policy = join(stage.folder, `${file}.yaml`);
    const program = join(stage.folder, file);
    await writeFile(policy, here(block(POLICY)));
    await writeFile(program, block(beginning));
    const running = started(["run", policy, "--", ...command, program]);
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }, stderr).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^200 .*"endpoint":"orders-[12]"/),
    });
  });
}

/** Java is told by properties, as the page says, with the port that was taken. */
function javaCommand(): readonly string[] {
  const flags = "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=";
  expect(readFileSync(PAGE, "utf8")).toContain(`${flags}15001`);
  return ["sh", "-c", `exec java ${flags}"\${HTTP_PROXY##*:}" "$0"`];
}

function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { env: { ...process.env, NO_PROXY: "", no_proxy: "" } }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${args.join(" ")}: ${error.message}${stderr}`));
    });
  });
}
