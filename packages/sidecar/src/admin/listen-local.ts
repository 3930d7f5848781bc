import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { addressText, isLocal, type SocketAddress } from "@weft/config";
import { MeshError } from "@weft/core";

/** Nobody but who the process runs as. */
const SOCKET_MODE = 0o600;

/**
 * Listens on an address of this machine, or a unix socket that only this user may open.
 *
 * A socket that a crashed process left behind is taken over; one that somebody answers on, and a file that is none, stay.
 *
 * @param allowRemote whether an address that other machines reach is taken, too
 * @returns the address with the port that was taken
 * @throws MeshError BAD_CONFIG that names the address and says why
 */
export async function listenLocal(server: Server, listen: SocketAddress, allowRemote: boolean): Promise<string> {
  const where = `admin ${addressText(listen)}`;
  if (!allowRemote && !isLocal(listen))
    throw new MeshError(
      "BAD_CONFIG",
      `${where}: other machines can reach it; set sidecar.admin.allowRemote if that is meant`,
    );
  try {
    await listening(server, listen);
  } catch (cause) {
    if (!("path" in listen) || !isCode(cause, "EADDRINUSE")) throw failed(where, cause);
    await removeLeftover(listen.path, where);
    await listening(server, listen).catch((again: unknown) => {
      throw failed(where, again);
    });
  }
  if ("path" in listen) {
    chmodSync(listen.path, SOCKET_MODE);
    return addressText(listen);
  }
  const address = server.address();
  return addressText({ host: listen.host, port: typeof address === "object" && address ? address.port : listen.port });
}

function listening(server: Server, listen: SocketAddress): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(listen, () => {
    server.off("error", reject);
    resolve();
  });
  return promise;
}

/** @throws MeshError BAD_CONFIG when it is no leftover */
async function removeLeftover(path: string, where: string): Promise<void> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket())
    throw new MeshError("BAD_CONFIG", `${where}: there is a file of that name that is no socket`);
  if (await isAnswered(path)) throw new MeshError("BAD_CONFIG", `${where}: another process listens there`);
  unlinkSync(path);
}

/** Whether somebody listens: a refusal is the only proof that nobody does. */
function isAnswered(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ path });
  socket.on("connect", () => resolve(true));
  socket.on("error", (error) => resolve(!isCode(error, "ECONNREFUSED")));
  return promise.finally(() => socket.destroy());
}

function failed(where: string, cause: unknown): MeshError {
  return new MeshError("BAD_CONFIG", `${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
