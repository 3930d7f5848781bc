import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { type Endpoint, endpoint } from "@weft/core";
import { endsWithFile } from "../ends-with-file.ts";

/**
 * An endpoint that can no longer be connected to, and does not refuse either: its process is stopped and its queue of
 * connections is full, so that a connect lasts until somebody gives it up.
 */
export async function fullEndpoint(): Promise<AsyncDisposable & { readonly endpoint: Endpoint }> {
  const child = endsWithFile(
    fork(fileURLToPath(new URL("full-endpoint-process.ts", import.meta.url)), { execArgv: [] }),
  );
  const [port] = await once(child, "message");
  child.kill("SIGSTOP");
  // Linux takes one connection more than the backlog of 1 that it was told.
  const filling = [connect(Number(port), "127.0.0.1"), connect(Number(port), "127.0.0.1")];
  await Promise.all(filling.map((socket) => once(socket, "connect")));
  for (const socket of filling) socket.on("error", () => {}); // reset when the child is killed
  return {
    endpoint: endpoint({ id: "full", host: "127.0.0.1", port: Number(port) }),
    async [Symbol.asyncDispose]() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      for (const socket of filling) socket.destroy();
    },
  };
}
