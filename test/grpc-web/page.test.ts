import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client, credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import { checkPolicy, type PolicyInput } from "@weft/config";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { docBlocks } from "../checks/doc-blocks.ts";
import { runNode, runWeft } from "../cli/running.ts";
import { weftArguments } from "../cli/weft.ts";
import { cachedTool } from "../real/cached-tool.ts";
import { realTool } from "../real/real-tool.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const blocks = docBlocks(await readFile(join(ROOT, "docs", "grpc-sidecar.md"), "utf8"));

/** The one block of the page that begins so. */
function block(beginning: string): string {
  const found = blocks.filter(({ code }) => code.startsWith(beginning));
  if (found.length !== 1) throw new Error(`the page has ${found.length} blocks that begin with ${beginning}`);
  return found[0]!.code;
}

let folder: string;
/** Two endpoints of orders, whose Echo gives back what it gets. */
let addresses: readonly string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-page-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  addresses = [await endpoint(), await endpoint()];
});

const asIs = (bytes: Buffer): Buffer => bytes;

async function endpoint(): Promise<string> {
  const server = new Server();
  const method = { path: "/shop.Orders/Echo", requestStream: false, responseStream: false };
  const codec = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  server.addService(
    { Echo: { ...method, ...codec } },
    {
      Echo: (call: { readonly request: Buffer }, answer: (error: null, bytes: Buffer) => void) =>
        answer(null, call.request),
    },
  );
  onTestFinished(() => server.forceShutdown());
  const port = await promisify(server.bindAsync.bind(server))("127.0.0.1:0", ServerCredentials.createInsecure());
  return `127.0.0.1:${port}`;
}

/** With endpoints that are there, and any free port in the place of those of the page. */
function here(text: string): string {
  return text
    .replaceAll("127.0.0.1:9001", addresses[0]!)
    .replaceAll("127.0.0.1:9002", addresses[1]!)
    .replaceAll(/127\.0\.0\.1:1500[01]/g, "127.0.0.1:0");
}

test("each policy of the page is one", () => {
  const policies = blocks.filter(({ language }) => language === "yaml");
  expect(policies.length).toBeGreaterThan(2);
  // What is no policy at all is what is tested.
  for (const { code } of policies) checkPolicy(parse(code) as PolicyInput, { home: "sidecar" });
});

test("the first five minutes of the page go as it says", async () => {
  const [npx, weft, ...args] = here(block("npx weft sidecar --listen")).trim().split(" ");
  expect([npx, weft]).toEqual(["npx", "weft"]);
  await using running = runWeft(args);
  const [, address = ""] = await running.says(/"name":"outbound","address":"([^"]+)"/);
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const answer = await new Promise((resolve, reject) => {
    client.makeUnaryRequest("/shop.Orders/Echo", asIs, asIs, Buffer.from("hello"), (error, bytes) => {
      if (error === null) resolve(String(bytes));
      else reject(error);
    });
  });
  expect(answer).toBe("hello");
});

interface Program {
  readonly skip: string | undefined;
  /** The command for what stands in this file. */
  readonly command: (file: string) => Promise<readonly string[]>;
}

const grpcio = cachedTool("python-clients", ".ci/python-clients");
const grpcGo = cachedTool("grpc-go/interop", ".ci/grpc-go");

/** By how they begin on the page. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  "# orders.py": {
    skip: missing(realTool("python3")) ?? missing(grpcio),
    command: async (file) => ["python3", file],
  },
  "// orders.go": {
    skip: missing(realTool("go")) ?? missing(grpcGo),
    command: async (file) => {
      const program = join(folder, "orders");
      // Over the modules that .ci/grpc-go has fetched.
      const options = { cwd: join(ROOT, "test", "grpc", "go"), env: { ...process.env, GOPROXY: "off" } };
      await promisify(execFile)("go", ["build", "-mod=readonly", "-o", program, file], options);
      return [program];
    },
  },
};

/** Go links grpc-go anew for a program. */
const COMPILED = { timeout: 120_000 };
const POLICY = "version: 1\nservices:\n  orders:\n    discover: { static:";
const env = { PYTHONPATH: grpcio.kind === "found" ? grpcio.path : "", PYTHONDONTWRITEBYTECODE: "1" };

for (const [beginning, { skip, command }] of Object.entries(PROGRAMS)) {
  const because = skip === undefined ? "" : ` (${skip})`;
  test.skipIf(skip !== undefined)(
    `the program "${beginning}" calls orders when weft run starts it${because}`,
    COMPILED,
    async () => {
      const policy = join(folder, "policy.yaml");
      const program = join(folder, beginning.slice(beginning.indexOf(" ") + 1));
      await writeFile(policy, here(block(POLICY)));
      await writeFile(program, block(beginning));
      await using running = runNode(weftArguments(["run", policy, "--", ...(await command(program))]), env);
      const { code, stdout, stderr } = await running.ended;
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "hello\n" });
    },
  );
}

function missing(tool: { readonly kind: string; readonly skip?: string }): string | undefined {
  return tool.kind === "missing" ? tool.skip : undefined;
}
