import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endpoint, type MeshErrorCode } from "@weft/core";
import { expect, onTestFinished, test } from "vitest";
import { weft } from "../cli/weft.ts";
import { call, portOf, sidecarRig, type SidecarRig, type SidecarRigOptions } from "../sidecar/rig.ts";

const page = await readFile(join(import.meta.dirname, "../../docs/errors.md"), "utf8");

/** How a sidecar comes to fail a call with a code, and what a command then says of it. */
interface Story {
  readonly rig?: SidecarRigOptions;
  readonly provoke: (rig: SidecarRig) => Promise<void>;
  readonly says: RegExp;
}

const off: SidecarRigOptions = { count: 1, policy: { retry: "off" } };

/** Of those that a running sidecar cannot show, the command is run all the same. */
const STORIES: Readonly<Record<MeshErrorCode, Story>> = {
  NO_ENDPOINTS: {
    rig: { registered: [] },
    provoke: async ({ port }) => void (await call(port, "/")),
    says: /failed with NO_ENDPOINTS, answer 503 .*\n.* no endpoint: the registry knows none/,
  },
  ALL_EJECTED: {
    async provoke({ port, admin }) {
      for (const id of ["endpoint-1", "endpoint-2"])
        await admin(`/eject?service=orders&endpoint=${id}&for=10m`, "POST");
      await call(port, "/");
    },
    says: /failed with ALL_EJECTED.*\n.* no endpoint: all 2 are ejected: endpoint-1 \(ejected for another [\d.]+ s, by hand\)/,
  },
  UNKNOWN_SERVICE: {
    rig: { outbound: { consul: false } },
    async provoke({ port }) {
      expect((await call(port, "/", { host: "order" })).body).toContain("known: orders");
    },
    says: /"name": "orders"/,
  },
  NOT_READY: { provoke: async () => {}, says: /"reasons": \[\]/ },
  CIRCUIT_OPEN: {
    rig: { count: 1, policy: { retry: "off", breaker: { minimumCalls: 1 } } },
    async provoke({ port, endpoints }) {
      endpoints.at(0).next({ status: 500, body: "" });
      await call(port, "/");
      await call(port, "/");
    },
    says: /failed with CIRCUIT_OPEN.*\n.* refused: the circuit is open, next trial in /,
  },
  OVERLOADED: {
    rig: { count: 1, policy: { limits: { calls: 1 } } },
    async provoke({ port, endpoints }) {
      endpoints.at(0).next({ kind: "stall", at: "before-head" });
      const held = call(port, "/");
      await endpoints.at(0).stalled();
      await call(port, "/");
      endpoints.at(0).release();
      await held;
    },
    says: /failed with OVERLOADED.*\n.* refused: limits\.calls, 1 calls are running/,
  },
  DEADLINE_EXCEEDED: {
    rig: { count: 1, policy: { timeout: { total: "300ms", connect: "300ms" } } },
    provoke: slow,
    says: /failed with DEADLINE_EXCEEDED, answer 504 .*\n.* attempt 1 goes to endpoint-1/,
  },
  ATTEMPT_TIMEOUT: {
    rig: { count: 1, policy: { timeout: { attempt: "300ms" }, retry: { maxRetries: 0, on: ["timeout"] } } },
    provoke: slow,
    says: /failed with ATTEMPT_TIMEOUT, answer 504 [^]* attempt 1 at endpoint-1: no answer in time, given up[^]* not retried: maxRetries is used up/,
  },
  CONNECT_FAILED: {
    rig: {
      ...off,
      registered: [endpoint({ id: "gone", host: "127.0.0.1", port: 1 })],
    },
    provoke: async ({ port }) => void (await call(port, "/")),
    says: /failed with CONNECT_FAILED, answer 502 [^]* attempt 1 at gone: could not connect/,
  },
  CONNECTION_LOST: {
    rig: off,
    async provoke({ port, endpoints }) {
      endpoints.at(0).next({ kind: "reset", at: "request" });
      await call(port, "/", { method: "POST", body: "x" });
    },
    says: /failed with CONNECTION_LOST, answer 502 [^]* attempt 1 at endpoint-1: reset before a response/,
  },
  PROTOCOL_ERROR: {
    rig: off,
    async provoke({ port, endpoints }) {
      endpoints.at(0).next({ kind: "garbage" });
      await call(port, "/");
    },
    says: /failed with PROTOCOL_ERROR, answer 502 [^]* attempt 1 at endpoint-1: unreadable answer/,
  },
  CLOSED: { provoke: async () => {}, says: /"state": "ready"/ },
  BAD_CONFIG: { provoke: async () => {}, says: /services\.orders\.retry\.maxRetries: -1 is not in 0\.\.10/ },
};

async function slow({ port, endpoints }: SidecarRig): Promise<void> {
  endpoints.at(0).next({ kind: "stall", at: "before-head" });
  await call(port, "/");
  endpoints.at(0).release();
}

test.each(Object.entries(STORIES))(
  "what %s has on the page shows it",
  async (code, { rig: options, provoke, says }) => {
    const [, , , seen = ""] =
      page
        .split("\n")
        .find((line) => line.startsWith(`| \`${code}\` |`))
        ?.split("|") ?? [];
    const commands = commandsOf(seen);
    expect(commands).not.toEqual([]);
    const rig = await sidecarRig(options);
    onTestFinished(() => rig[Symbol.asyncDispose]());
    await provoke(rig);
    const told: string[] = [];
    for (const command of commands) told.push(await run(command, rig));
    expect(told.join("\n")).toMatch(says);
  },
);

test("each command beside a flag runs", async () => {
  const rig = await sidecarRig(off);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  rig.endpoints.at(0).next({ status: 500, body: "" });
  await call(rig.port, "/");
  const commands = new Set(commandsOf(page.slice(page.indexOf("\n## Flags\n"))));
  expect(commands.size).toBeGreaterThan(3);
  for (const command of commands) expect(await run(command, rig), command).not.toBe("");
});

function commandsOf(text: string): readonly string[] {
  return [...text.matchAll(/`((?:weft|curl) [^`]+)`/g)].map(([, command = ""]) => command);
}

/** What the command prints, asked of this sidecar in the place of the one on the page. */
async function run(command: string, rig: SidecarRig): Promise<string> {
  const [name, ...words] = command.split(" ");
  if (name === "curl") return (await rig.admin(new URL(words[0] ?? "").pathname)).body;
  if (words[0] === "check") return check();
  const { code, stdout, stderr } = await weft(...words, "--admin", `127.0.0.1:${portOf(rig.sidecar, "admin")}`);
  expect({ code, stderr }, command).toEqual({ code: 0, stderr: "" });
  return stdout;
}

async function check(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "weft-errors-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "policy.yaml");
  await writeFile(file, "version: 1\nservices: { orders: { retry: { maxRetries: -1 } } }\n");
  return (await weft("check", file)).stderr;
}
