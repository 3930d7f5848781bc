import { lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import type { Policy } from "@weft/config";

/**
 * Removes the sockets in the file system that a process left behind which was killed: nobody listens there, and their
 * names would keep the sidecar from listening. What is no socket, or answers, stays.
 */
export async function removeStaleSockets({ sidecar }: Policy): Promise<void> {
  const { inbound, outbound, tcp = [], admin } = sidecar ?? {};
  for (const listener of [inbound, outbound, ...tcp, admin]) {
    if (listener === undefined || !("path" in listener.listen)) continue;
    const { path } = listener.listen;
    // Whoever cannot remove it cannot listen there either, and is told so then.
    if (await isStale(path)) await unlink(path).catch(() => {});
  }
}

async function isStale(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSocket() === true && (await isRefused(path));
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}
