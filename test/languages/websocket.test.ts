import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endsWithFile } from "../ends-with-file.ts";
import { realTool } from "../real/real-tool.ts";
import { runScenario } from "./client.ts";
import { type Stage, startStage } from "./stage.ts";

const CALLER = fileURLToPath(new URL("./websocket-caller.ts", import.meta.url));
const SAID = "text true\ntext true\ntext true\ntext true\nbinary true\nclose 4001 done true\n";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Node's own WebSocket, in a process of its own. */
async function node(url: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = endsWithFile(
    spawn(process.execPath, [CALLER, url], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_OPTIONS: "", ...env },
    }),
  );
  const closed = once(child, "close");
  const [said, problems] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return said + problems;
}

test("Node's WebSocket talks to the app through the inbound listener, and the log has the tunnel", async () => {
  expect(await node(`ws://127.0.0.1:${stage.inbound}/live`)).toBe(SAID);
  const [line] = await stage.logs(/\{[^\n]*"listener":"inbound","protocol":"upgrade"[^\n]*\}/);
  expect(JSON.parse(line)).toMatchObject({ status: 101, path: "/live", service: "(app)", end: "complete" });
});

const old = Number(process.versions.node.split(".")[0]) < 24;
test.skipIf(old)(
  `Node's WebSocket finds a service by HTTP_PROXY${old ? " (Node 22 reads no such variable)" : ""}`,
  async () => {
    const proxy = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: `http://127.0.0.1:${stage.outbound}`, NO_PROXY: "" };
    expect(await node("ws://orders/live", proxy)).toBe(SAID);
    const [line] = await stage.logs(/\{[^\n]*"listener":"outbound","protocol":"(CONNECT|upgrade)"[^\n]*\}/);
    expect(JSON.parse(line)).toMatchObject({ authority: expect.stringMatching(/^orders/), end: "complete" });
  },
);

const python = realTool("python3");
const because = python.kind === "missing" ? ` (${python.skip})` : "";
test.skipIf(python.kind === "missing")(
  `a WebSocket written by hand in Python finds a service by its Host${because}`,
  async () => {
    const command = ["python3", join(import.meta.dirname, "clients", "client.py")] as const;
    const lines = await runScenario([...command], "websocket", stage, "");
    expect(Object.fromEntries(lines)).toEqual({
      status: "101",
      accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", // the one of RFC 6455 1.3
      echo: "True",
      pong: "True",
      close: "True",
      end: "True",
    });
  },
);
