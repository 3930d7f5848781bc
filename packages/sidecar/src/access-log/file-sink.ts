import { close as closeFd, constants, open as openFd, write as writeFd } from "node:fs";
import { promisify } from "node:util";
import type { Sink } from "./sink.ts";

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
/** Lines tell who called what: nothing for everybody. */
const MODE = 0o640;

const openFile = promisify(openFd);

/**
 * Appends to a file. Without waiting for a reader when it is a named pipe: such a write ends with EAGAIN instead.
 *
 * @throws the system's error when it cannot be opened
 */
export async function fileSink(path: string): Promise<Sink> {
  const open = (): Promise<number> => openFile(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, MODE);
  let fd = await open();
  /** The one that a write is under way on; closing it now would let the number be given to somebody else's file. */
  let busy: number | undefined;
  let left: number | undefined;

  const leave = (old: number): void => {
    if (old === busy) left = old;
    else closeFd(old, () => {});
  };
  return {
    named: true,
    write(bytes, from, done) {
      busy = fd;
      writeFd(fd, bytes, from, bytes.length - from, null, (error, written) => {
        busy = undefined;
        if (left !== undefined) leave(left);
        left = undefined;
        done(error, written);
      });
    },
    async reopen() {
      const next = await open();
      leave(fd);
      fd = next;
    },
    close: () => leave(fd),
  };
}
