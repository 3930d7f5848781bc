import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { addressText, type Policy, type SocketAddress } from "@weft/config";
import type { Sidecar, SidecarListener, SidecarOptions } from "@weft/sidecar";

/**
 * A sidecar that only listens, and says on standard error what it is asked. What the commands do with one is seen more
 * exactly so than with a real one. `FAKE` in the environment names what it does not get done: `ready`, `drain` or
 * `log`.
 */
export async function createFake({ policy, log, accessLogTo, coalesce }: SidecarOptions): Promise<Sidecar> {
  const say = (text: string): void => log?.({ level: "info", text: `fake: ${text}` });
  const undone = process.env["FAKE"] ?? "";
  let open = await listen(policy);
  let leaving: Promise<void> | undefined;
  say(`access log to ${typeof accessLogTo === "string" ? accessLogTo : "where the policy says"}`);
  if (coalesce !== true) say("must not coalesce");

  async function leave(): Promise<void> {
    say("leaves");
  }
  const sidecar: Sidecar = {
    get listeners() {
      return open.map(({ shown }) => shown);
    },
    ready: undone === "ready" ? new Promise(() => {}) : Promise.resolve(),
    ending: new Promise(() => {}),
    async reload(next) {
      const opened = await listen(next);
      close(open);
      open = opened;
      return { changes: [`fake: ${next.services.size} services`] };
    },
    leave: () => (leaving ??= leave()),
    async reopenLog() {
      if (undone === "log") throw new Error("ENOENT: no such file");
      say("opens the access log anew");
    },
    async drain() {
      await sidecar.leave();
      const { graceMs } = policy.sidecar?.drain ?? {};
      say(`drains within ${graceMs} ms`);
      if (undone === "drain") await new Promise(() => {});
      close(open);
      return { finished: 2, cut: 1, tookMs: 3 };
    },
    async close() {
      close(open);
    },
  };
  return sidecar;
}

interface Open {
  readonly server: Server;
  readonly shown: SidecarListener;
}

async function listen({ sidecar }: Policy): Promise<readonly Open[]> {
  const wanted: [string, SocketAddress, "http" | "tcp"][] = [];
  if (sidecar?.outbound !== undefined) wanted.push(["outbound", sidecar.outbound.listen, "http"]);
  for (const { name, listen: at } of sidecar?.tcp ?? []) wanted.push([name, at, "tcp"]);
  if (sidecar?.admin !== undefined) wanted.push(["admin", sidecar.admin.listen, "http"]);
  const open: Open[] = [];
  try {
    for (const [name, at, protocol] of wanted) {
      const server = createServer((_request, response) => void response.end(name)).listen(at);
      await once(server, "listening");
      const { address, port } = server.address() as AddressInfo; // the tests here listen on hosts and ports
      open.push({ server, shown: { name, address: addressText({ host: address, port }), protocol } });
    }
  } catch (error) {
    close(open);
    throw error;
  }
  return open;
}

function close(open: readonly Open[]): void {
  for (const { server } of open) {
    server.close();
    server.closeAllConnections();
  }
}
