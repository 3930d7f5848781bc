import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { weft, weftArguments } from "../cli/weft.ts";
import { call, portOf, sidecarRig, type SidecarRig, type SidecarRigOptions } from "../sidecar/rig.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const headers = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };

async function started(options?: SidecarRigOptions): Promise<{ readonly rig: SidecarRig; readonly admin: string }> {
  const rig = await sidecarRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return { rig, admin: `127.0.0.1:${portOf(rig.sidecar, "admin")}` };
}

test("weft explain --trace tells why a call went to a second endpoint", async () => {
  const { rig, admin } = await started();
  rig.endpoints.at(0).next({ status: 503, body: "" });
  await call(rig.port, "/v1/7", { headers });
  const { code, stdout, stderr } = await weft("explain", "--trace", TRACE, "--admin", admin);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(
    /^call 1 to orders, .* ago: answer 200 from endpoint-2 after .*, 2 attempts; trace 4bf92f3577b34da6a3ce929d0e0e4736\n/,
  );
  expect(stdout).toContain("attempt 1 at endpoint-1: 5xx answer");
  expect(stdout).toContain("retried after a pause of");
  expect(stdout).toContain("attempt 2 at endpoint-2: success");
});

test("weft explain --failed and --service tell of calls, as data with --json", async () => {
  const { rig, admin } = await started({ policy: { retry: "off" } });
  await call(rig.port, "/1");
  rig.endpoints.at(0).next({ status: 500, body: "" });
  await call(rig.port, "/2");
  const failed = await weft("explain", "--failed", "--json", "--admin", admin);
  expect(failed).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(failed.stdout)).toMatchObject({ calls: [{ call: 2, end: { status: 500, failed: true } }] });
  const last = await weft("explain", "--service", "orders", "--last", "1", "--admin", admin);
  expect(last.stdout).toMatch(/^call 2 to orders, [^\n]*: failed, answer 500 from endpoint-1/);
});

test.each([
  {
    args: ["--trace", TRACE],
    says: `no call of the trace ${TRACE} has ended here and is kept; kept are the last 4096 calls, and 1024`,
  },
  { args: ["--service", "oders"], says: 'there is no service "oders"; known: orders' },
  { args: ["--service", "orders", "--call", "9"], says: "no call 9 is kept" },
  { args: ["--failed"], says: "no call that failed is kept" },
])("weft explain $args ends with 1 and says why there is nothing to tell", async ({ args, says }) => {
  const { admin } = await started();
  const { code, stdout, stderr } = await weft("explain", ...args, "--admin", admin);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^weft explain: /);
  expect(stderr).toContain(says);
});

test("weft explain ends with 1 where nobody listens, and where somebody else does", async () => {
  const { rig, admin } = await started();
  const elsewhere = await weft("explain", "--failed", "--admin", `127.0.0.1:${rig.port}`);
  expect(elsewhere).toMatchObject({ code: 1, stdout: "" });
  expect(elsewhere.stderr).toContain(`127.0.0.1:${rig.port} takes calls and is no admin API`);
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
  const address = free.address();
  await new Promise((resolve) => free.close(resolve));
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const nobody = await weft("explain", "--failed", "--admin", `127.0.0.1:${port}`);
  expect(nobody).toMatchObject({ code: 1, stdout: "" });
  expect(nobody.stderr).toContain(`nobody listens at 127.0.0.1:${port}`);
  expect(admin).not.toBe(`127.0.0.1:${port}`);
});

test("weft explain --follow tells calls as they fail, waits for a sidecar that is away, and ends with 0 when asked to", async () => {
  const { rig, admin } = await started({ policy: { retry: "off" } });
  const fail = async (path: string): Promise<void> => {
    rig.endpoints.at(0).next({ status: 503, body: "" });
    await call(rig.port, path);
  };
  await fail("/1");
  const args = weftArguments(["explain", "--failed", "--follow", "--json", "--admin", admin]);
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const complaints = createInterface(child.stderr)[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value as string); // lines are strings
  expect(await next()).toMatchObject({ call: 1, end: { failed: true } });
  await fail("/2");
  expect(await next()).toMatchObject({ call: 2, end: { failed: true } });
  await rig.sidecar.close();
  expect((await complaints.next()).value).toMatch(/^weft explain: .*; waiting$/);
  const again = await sidecarRig({ sidecar: { admin: { listen: admin as `127.0.0.1:${number}` } } });
  onTestFinished(() => again[Symbol.asyncDispose]());
  expect((await complaints.next()).value).toBe("weft explain: the sidecar was started anew");
  again.endpoints.at(0).next({ status: 503, body: "" });
  await call(again.port, "/", { method: "POST" });
  expect(await next()).toMatchObject({ call: 1, end: { failed: true } });
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("weft explain --follow ends at once also while nobody answers it", async () => {
  const silent = createServer();
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo; // it listens on a port
  const args = weftArguments(["explain", "--failed", "--follow", "--admin", `127.0.0.1:${port}`]);
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [socket] = (await once(silent, "connection")) as [Socket]; // of a server that has one listener
  const gone = once(socket.resume(), "close");
  const begunMs = performance.now();
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  await gone;
  expect(performance.now() - begunMs).toBeLessThan(4_000); // an answer is waited for 5 s
});
