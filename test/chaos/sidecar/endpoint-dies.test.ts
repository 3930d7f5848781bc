import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { expect, test } from "vitest";
import { call } from "../../sidecar/rig.ts";
import { expectAtRest } from "./at-rest.ts";
import { childEndpoint } from "./child-endpoint.ts";
import { started } from "./started.ts";

const CALLERS = 10;

test.each(["/half-of-length", "/half-in-chunks"])(
  "kill -9 of an endpoint inside a body, %s: its caller sees a cut, and no other call fails",
  async (path) => {
    const [dying, living] = await Promise.all([childEndpoint("dying"), childEndpoint("living")]);
    const rig = await started({ count: 0, registered: [dying.endpoint, living.endpoint] });
    const inside = dying.inside();
    const cut = halfOf(rig.port, path);
    await inside;
    await cut.begun;
    let killed = false;
    const statuses = await Promise.all(Array.from({ length: CALLERS }, caller));
    expect(statuses.flat().filter((status) => status !== 200)).toEqual([]);
    expect(await cut.end).toMatchObject({ complete: false, error: "ECONNRESET" });
    await expectAtRest(rig, () => living.closeIdle());

    /** Calls on while the endpoint dies, and after: until a call that began with it dead was answered. */
    async function caller(_: unknown, at: number): Promise<number[]> {
      const answered: number[] = [];
      for (let calls = 0, after = 0; after < 5; calls++) {
        if (killed) after++;
        else if (at === 0 && calls === 5) {
          dying.kill("SIGKILL");
          killed = true;
        }
        answered.push((await call(rig.port, "/")).status);
      }
      return answered;
    }
  },
);

test("SIGSTOP of an endpoint: its attempts run out of time and it is ejected, its calls go elsewhere, SIGCONT returns it", async () => {
  const [stopped, living] = await Promise.all([childEndpoint("stopped"), childEndpoint("living")]);
  const rig = await started({
    count: 0,
    registered: [stopped.endpoint, living.endpoint],
    policy: {
      timeout: { attempt: "1s" },
      retry: { on: ["timeout"] },
      outliers: { consecutiveFailures: 3, baseEjection: "500ms" },
    },
  });
  const { journal, port } = rig;
  expect((await call(port, "/")).status).toBe(200);
  const ejected = journal.next("endpoint.ejected");
  let back = false;
  const returned = journal.next("endpoint.returned").then(() => (back = true));
  stopped.kill("SIGSTOP");
  const answers = await Promise.all(Array.from({ length: CALLERS }, () => call(port, "/")));
  expect(answers.map(({ status }) => status)).toEqual(Array(CALLERS).fill(200));
  expect(await ejected).toMatchObject({ endpoint: "stopped" });
  stopped.kill("SIGCONT");
  // It returns when a call comes that it is fit for again.
  while (!back) expect((await call(port, "/")).status).toBe(200);
  await returned;
  await expectAtRest(rig, async () => {
    await Promise.all([stopped.closeIdle(), living.closeIdle()]);
  });
});

interface Half {
  /** Resolves when a part of the body is here. */
  readonly begun: Promise<void>;
  readonly end: Promise<{ readonly complete: boolean; readonly error: string }>;
}

function halfOf(port: number, path: string): Half {
  const asked = request({ host: "127.0.0.1", port, path, headers: { host: "orders" }, agent: false });
  asked.on("error", () => {}); // told by the answer, too
  const begun = Promise.withResolvers<void>();
  const answered = once(asked, "response") as Promise<[IncomingMessage]>; // so says node:http of its event
  const end = answered.then(async ([response]) => {
    response.once("data", () => begun.resolve());
    let error = "";
    response.on("error", (cause: NodeJS.ErrnoException) => (error = cause.code ?? cause.message));
    await new Promise((resolve) => response.once("close", resolve));
    return { complete: response.complete, error };
  });
  asked.end();
  return { begun: begun.promise, end };
}
