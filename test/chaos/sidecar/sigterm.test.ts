import { Agent, request } from "node:http";
import { fakeEndpoint, type FakeEndpoint } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { expectAtRest } from "./at-rest.ts";
import { type SidecarProcess, sidecarProcess } from "./sidecar-process.ts";

const CALLERS = 20;
/** Of all callers together: before the signal, and once the process has ended. */
const BEFORE = 200;
const AFTER = 200;

test("SIGTERM to one of two sidecars under load: a front that goes to the other when it is refused fails no call", async () => {
  const apps = await Promise.all([app("first"), app("second")]);
  const sidecars = await Promise.all(apps.map(({ port }) => before(port)));
  const front = frontOf(sidecars.map(({ port }) => port));
  let [calls, since, ended] = [0, 0, false];
  const failures: unknown[] = [];
  const terminated = Promise.withResolvers<void>();
  const [leaving, staying] = [sidecars[0]!, sidecars[1]!]; // made above

  async function caller(): Promise<void> {
    while (!ended || since < AFTER) {
      if (++calls === BEFORE) {
        leaving.running.kill("SIGTERM");
        void leaving.running.ended.then(() => {
          ended = true;
          terminated.resolve();
        });
      }
      if (ended) since++;
      await front.get("/").catch((error: unknown) => failures.push(error));
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller));
  await terminated.promise;
  const { code, stderr } = await leaving.running.ended;
  expect(failures).toEqual([]);
  expect(front.cut).toBe(0); // what was refused, or met a connection that was closed, got nothing of an answer
  expect(code).toBe(0);
  expect(stderr).toMatch(/drained in \d+ ms: \d+ finished, 0 cut\n$/);
  expect(apps.every(({ requests }) => requests.length > 0)).toBe(true);
  await expectAtRest(staying, () => apps.forEach((each) => each.closeIdle()));
});

async function app(name: string): Promise<FakeEndpoint> {
  // An answer takes a moment, so that the signal finds calls under way.
  const made = await fakeEndpoint({ name, behaviour: { body: "ok", delayMs: 5 } });
  onTestFinished(() => made.close());
  return made;
}

function before(port: number): Promise<SidecarProcess> {
  const inbound = { listen: "127.0.0.1:0", app: `127.0.0.1:${port}` } as const;
  return sidecarProcess({ policy: { version: 1, sidecar: { inbound } } });
}

/** Sends GETs round to ports, and one that was refused or broken off once more to the next. */
function frontOf(ports: readonly number[]): { get(path: string): Promise<void>; readonly cut: number } {
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  onTestFinished(() => agent.destroy());
  let [turn, cut] = [0, 0];
  return {
    /** Answers that began and did not end. */
    get cut() {
      return cut;
    },
    async get(path) {
      const first = turn++;
      const at = (i: number): number => ports[i % ports.length] ?? 0;
      await ask(at(first), path).catch(() => ask(at(first + 1), path));
    },
  };

  function ask(port: number, path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path, agent, headers: { host: "web" } }, (response) => {
        let body = "";
        response.setEncoding("latin1").on("data", (text: string) => (body += text));
        response.on("error", (error) => {
          cut++;
          reject(error);
        });
        response.on("end", () => {
          if (response.statusCode === 200 && body === "ok") resolve();
          else reject(new Error(`${response.statusCode} ${body}`));
        });
      });
      sent.on("error", reject);
      sent.end();
    });
  }
}
