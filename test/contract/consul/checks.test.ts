import { once } from "node:events";
import { createServer } from "node:http";
import { expect, onTestFinished } from "vitest";
import { type Entry, eachAgent } from "./each-agent.ts";

eachAgent("checks", ({ ask, put, health, settled }, test) => {
  const register = (body: object) => put("/agent/service/register", body);

  test("a TCP check passes while something listens, and says how it was refused when nothing does", async () => {
    const target = await listening(() => 200);
    const at = `127.0.0.1:${target.port}`;
    await register({ Name: "tcp", Check: { TCP: at, Interval: "1s" } });
    const up = await settled("tcp", isNow("passing"));
    expect(own(up.entries)).toMatchObject({ Type: "tcp", Output: `TCP connect ${at}: Success` });
    target.close();
    const down = await settled("tcp", isNow("critical"));
    expect(own(down.entries)?.Output).toBe(`dial tcp ${at}: connect: connection refused`);
  });

  test("an HTTP check passes on 200, warns on 429, fails on 503, and shows what was answered", async () => {
    let status = 200;
    const target = await listening(() => status);
    const url = `http://127.0.0.1:${target.port}/healthz`;
    await register({
      Name: "http",
      Check: { HTTP: url, Interval: "1s", Method: "PUT", Header: { "X-A": ["1", "2"] } },
    });
    const passing = own((await settled("http", isNow("passing"))).entries);
    expect(passing?.Output).toBe(`HTTP PUT ${url}: 200 OK Output: PUT x-a=1, 2 Consul Health Check`);
    status = 429;
    const warning = own((await settled("http", isNow("warning"))).entries);
    expect(warning?.Output).toContain(`HTTP PUT ${url}: 429 Too Many Requests Output: PUT`);
    status = 503;
    const critical = own((await settled("http", isNow("critical"))).entries);
    expect(critical?.Output).toContain(`HTTP PUT ${url}: 503 Service Unavailable Output: PUT`);
  });

  test("a check changes its mind only after as many findings in a row as were asked for, but for the first", async () => {
    let status = 200;
    let findings = 0;
    const target = await listening(() => {
      findings++;
      return status;
    });
    const HTTP = `http://127.0.0.1:${target.port}/`;
    const Check = { HTTP, Interval: "1s", SuccessBeforePassing: 2, FailuresBeforeCritical: 2 };
    await register({ Name: "slowly", Check });
    await settled("slowly", isNow("passing"));
    expect(findings).toBe(1);
    for (const [next, becomes] of [
      [500, "critical"],
      [200, "passing"],
    ] as const) {
      [status, findings] = [next, 0];
      await settled("slowly", isNow(becomes));
      expect(findings).toBe(2);
    }
  });

  test("an alias says what the worst check of the other service says", async () => {
    await register({ Name: "shadow", Check: { AliasService: "base" } });
    const says = async (status: string, output: string): Promise<void> => {
      const { entries } = await settled("shadow", (all) => own(all)?.Output === output);
      expect(own(entries)).toMatchObject({ Type: "alias", Status: status });
    };
    // Whether the catalog hears of this text is a matter of who is first; the agent itself always knows.
    const local = async () => JSON.parse((await ask("GET", "/agent/checks")).text)["service:shadow"];
    const unknown = { Status: "critical", Output: "Service base could not be found on node " };
    await expect.poll(local).toMatchObject(unknown);
    await register({ Name: "base" });
    await says("passing", "No checks found.");
    await register({ Name: "base", Check: { TTL: "1h" } });
    await says("critical", `Aliased check "Service 'base' check" failing: `);
    await put("/agent/check/pass/service:base?note=fine");
    await says("passing", "All checks passing.");
    await put("/agent/check/warn/service:base?note=hm");
    await says("warning", `Aliased check "Service 'base' check" failing: hm`);
    await put("/agent/check/pass/service:base");
    await says("passing", "All checks passing.");
    await put("/agent/service/maintenance/base?enable=true");
    await says("critical", `Aliased check "Service Maintenance Mode" failing: `);
    await put("/agent/service/maintenance/base?enable=false");
    await says("passing", "All checks passing.");
  });

  test("another output of the same status is shown by the agent at once, and held back from the catalog", async () => {
    await register({ Name: "chatty", Check: { TTL: "1h" } });
    await put("/agent/check/pass/service:chatty?note=first");
    const { index } = await settled("chatty", (all) => own(all)?.Output === "first");
    await put("/agent/check/pass/service:chatty?note=second");
    const local = JSON.parse((await ask("GET", "/agent/checks")).text);
    expect(local["service:chatty"]).toMatchObject({ Status: "passing", Output: "second" });
    const still = await health("chatty");
    expect([own(still.entries)?.Output, still.index]).toEqual(["first", index]);
    await put("/agent/check/warn/service:chatty?note=third");
    expect(own((await settled("chatty", isNow("warning"))).entries)?.Output).toBe("third");
  });
});

/** The check of the service itself, after that of its node. */
function own(entries: readonly Entry[]): Entry["Checks"][number] | undefined {
  return entries[0]?.Checks.find(({ CheckID }) => CheckID !== "serfHealth");
}

function isNow(status: string): (entries: readonly Entry[]) => boolean {
  return (entries) => own(entries)?.Status === status;
}

async function listening(status: () => number): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((request, response) => {
    const { method, headers } = request;
    response.writeHead(status()).end(`${method} x-a=${headers["x-a"]} ${headers["user-agent"]}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(close);
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, close };
}
