import { connect } from "node:net";
import type { SocketAddress } from "@weft/config";

/**
 * Connects to the app and hangs up.
 *
 * @param timeoutMs how long connecting may take, > 0
 * @returns undefined when it took the connection, otherwise why not, in a few words; never rejects
 */
export function probeApp(app: SocketAddress, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...app, timeout: timeoutMs });
    const end = (problem: string | undefined): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once("connect", () => end(undefined));
    socket.once("timeout", () => end(`no connection within ${timeoutMs} ms`));
    // `on`: after `destroy` nothing more comes, and if it did there would be nobody to tell.
    socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
