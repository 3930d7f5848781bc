import { execFile, spawn } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docBlocks } from "../checks/doc-blocks.ts";
import { runNode, runWeft } from "../cli/running.ts";
import { endsWithFile } from "../ends-with-file.ts";
import { freePorts } from "../real/free-ports.ts";
import { JAEGER, type RealJaeger, startRealJaeger } from "../real/real-jaeger.ts";

const TEST = join(import.meta.dirname, "..");
const ROOT = join(TEST, "..");
const PAGE = join(ROOT, "docs", "tracing.md");
const WAIT_MS = 50_000;
const reason = JAEGER.kind === "missing" ? ` (${JAEGER.skip})` : "";

/** The page, with free ports in the place of its own. */
interface Page {
  /** The first block of a language. */
  readonly block: (language: string) => string;
  /** The first line of a block that begins so. */
  readonly command: (start: string) => string;
}

describe.skipIf(JAEGER.kind === "missing")(`who does what docs/tracing.md says${reason}`, { timeout: 60_000 }, () => {
  let jaeger: RealJaeger;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    if (JAEGER.kind === "found") jaeger = await startRealJaeger(JAEGER.path);
    page = await readPage(jaeger);
    // Below `test`, so that a program finds the packages.
    await mkdir(join(TEST, ".docs"), { recursive: true });
    folder = await mkdtemp(join(TEST, ".docs", "tracing-"));
  });
  afterAll(async () => {
    await jaeger?.stop();
    await rm(folder, { recursive: true });
  });

  test("sees the sidecar's calls in Jaeger after five minutes, some with a retry", async () => {
    const [python = "", ...args] = page.command("python3 ").split(" ");
    endsWithFile(spawn(python, args, { cwd: folder, stdio: "ignore" }));
    const at = args.slice(-2).join(":");
    await until(() => shell(`curl http://${at}/`, folder), /Directory listing/);

    await writeFile(join(folder, "policy.yaml"), page.block("yaml"));
    const [, , ...weftArgs] = page.command("npx weft sidecar").split(" ");
    await using weft = runWeft(weftArgs.map((word) => (word === "policy.yaml" ? join(folder, word) : word)));
    await weft.says(/"ready":true/);

    expect((await shell(page.command("curl -x"), folder)).match(/<h1>/g)).toHaveLength(5);
    const traces = await until(() => shell(page.command('curl "http'), folder), /(?:"spans".*){5}/s);
    expect(traces.match(/"weft\.retry\.reason","type":"string","value":"connect"/g)?.length).toBeGreaterThan(1);
  });

  test("sees the calls of the SDK there, too", async () => {
    const file = join(folder, "app.ts");
    await writeFile(file, page.block("ts"));
    await using app = runNode(["--conditions=@weft/source", file], { NODE_OPTIONS: "" });
    expect(await app.ended).toEqual({ code: 0, stdout: "200\n", stderr: "" });
    // All has been sent when it ends.
    const traces = await shell(page.command('curl "http'), folder);
    expect(traces.match(/"weft\.side","type":"string","value":"app"/g)).toHaveLength(1);
  });
});

test("docs/tracing.md has a row for each attribute of weft's own", async () => {
  const sources = globSync("packages/telemetry/src/{tracing,export}/*.ts", { cwd: ROOT });
  const written = await Promise.all(sources.filter((path) => !/\.(test|suite)\.ts$/.test(path)).map(attributesIn));
  const page = await readFile(PAGE, "utf8");
  const told = [...page.matchAll(/^\| `(weft\.[a-z_.]+)`/gm)].map(([, name]) => name);
  expect(told.toSorted()).toEqual([...new Set(written.flat())].toSorted());
});

async function attributesIn(path: string): Promise<readonly string[]> {
  return (await readFile(join(ROOT, path), "utf8")).match(/(?<=")weft\.(?!decision)[a-z_.]+(?=")/g) ?? [];
}

/** With the ports of `jaeger`, and free ones for the rest. */
async function readPage({ ports }: RealJaeger): Promise<Page> {
  const own = ["9001", "9002", "15001", "15000"];
  const free = await freePorts(own.length);
  const moved = new Map(own.map((port, i) => [port, String(free[i])]));
  moved.set("4318", String(ports.otlp)).set("16686", String(ports.query));
  const text = await readFile(PAGE, "utf8");
  const blocks = docBlocks(
    text.replace(/(127\.0\.0\.1[: ])(\d+)/g, (_, host, port) => host + (moved.get(port) ?? port)),
  );
  const found = <T>(value: T | undefined, what: string): T => {
    if (value === undefined) throw new Error(`docs/tracing.md has no ${what}`);
    return value;
  };
  return {
    block: (language) => found(blocks.find((block) => block.language === language)?.code, language),
    command: (start) =>
      found(
        blocks.flatMap(({ code }) => code.split("\n")).find((line) => line.startsWith(start)),
        `line that begins with ${start}`,
      ),
  };
}

/** What a command prints, as far as it comes. */
async function shell(command: string, cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)("sh", ["-c", command], { cwd, timeout: WAIT_MS, maxBuffer: 1 << 24 })).stdout;
  } catch (error) {
    return String(error);
  }
}

/** Looks again and again until the words are there. @throws Error with the last ones after 50 s */
async function until(look: () => Promise<string>, words: RegExp): Promise<string> {
  const untilMs = performance.now() + WAIT_MS;
  for (;;) {
    const said = await look();
    if (words.test(said)) return said;
    if (performance.now() > untilMs) throw new Error(`there is no ${words} in: ${said.slice(0, 4_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
