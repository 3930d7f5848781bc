import { Buffer } from "node:buffer";
import type { OnReadOpts, Server, Socket, SocketConstructorOpts } from "node:net";
import { Duplex } from "node:stream";
import { freeBytes } from "../tunnel/free-bytes.ts";
import { DirectSocket } from "../wire/direct-socket.ts";
import { SHARED } from "../wire/read-buffers.ts";

/** Who takes what a socket reads where it lies. */
export interface InPlaceReader {
  /**
   * Takes bytes out of memory that the next read of any connection fills: nothing may hold on to it.
   *
   * @returns false: nothing was taken. It comes as a `data` event then, in memory of its own
   */
  takeInPlace(bytes: Buffer, to: number): boolean;
}

/**
 * A caller's socket that reads into memory of all connections. What its reader does not take there comes as from any
 * other socket, by `data` events, and is paused and resumed like those.
 *
 * Node gives each read of an accepted socket memory of its own, 64 KiB at first: to get it, to cut it and to wrap it
 * up is a tenth of what a small request takes outside the kernel. ADR 27.
 */
class AcceptedSocket extends DirectSocket {
  readonly reads: AcceptedReads;

  /** @param handle that the system's accept gave */
  constructor(handle: object) {
    const reads = new AcceptedReads(); // it is asked for memory before there is a socket
    super({ handle, allowHalfOpen: true, onread: reads } as SocketConstructorOpts);
    this.reads = reads;
    reads.socket = this;
  }

  /** Reads on up to the mark of any stream, and so sees the end of a caller that is not asked for more. */
  override pause(): this {
    Duplex.prototype.pause.call(this);
    return this;
  }
}

class AcceptedReads implements OnReadOpts {
  reader: InPlaceReader | undefined = undefined;
  socket: Socket | undefined = undefined;
  #next: Buffer = SHARED;

  readonly buffer = (): Buffer => this.#next;

  /** @returns false when the socket is to be read no further */
  readonly callback = (size: number, memory: Uint8Array): boolean => {
    const bytes = memory as Buffer; // that `buffer` gave
    const socket = this.socket!; // by which they came
    const whole = size === bytes.length;
    let kept = false;
    let more = true;
    // What waits in the stream was before it.
    if (socket.readableLength > 0 || this.reader?.takeInPlace(bytes, size) !== true) {
      kept = whole && bytes !== SHARED;
      more = socket.push(kept ? bytes : copiedAlone(bytes, size));
    }
    // Where a read was full, more is waiting: it is read where it can stay.
    this.#next = whole && more ? Buffer.allocUnsafeSlow(size) : SHARED;
    if (!kept && bytes !== SHARED) freeBytes(bytes);
    return more;
  };
}

/** Lets a reader have what the socket reads in place, where it can be read so: from now on, and instead of any other. */
export function readInPlace(socket: Socket, reader: InPlaceReader): void {
  if (socket instanceof AcceptedSocket) socket.reads.reader = reader;
}

/** In memory that is nobody else's, so that it may be freed; what `copyOf` gives may lie in Node's pool. */
function copiedAlone(bytes: Buffer, size: number): Buffer {
  const own = Buffer.allocUnsafeSlow(size);
  bytes.copy(own, 0, 0, size);
  return own;
}

interface AcceptingHandle {
  onconnection: (this: unknown, error: unknown, accepted: object | undefined) => void;
}

/**
 * Makes a server hand out sockets that read in place. They are not counted among its connections: its `close` waits for
 * none of them.
 *
 * Node's documented ways lead to that for sockets that connect, and not for those that are accepted. So it is done by
 * two parts of `node:net` that are not documented, the handle's `onconnection` and the option `handle` of a socket. Where
 * either is not what it was, the server goes on as Node made it.
 */
export function acceptInPlace(server: Server): Server {
  return server.on("listening", () => {
    const listening = handleOf(server) as Partial<AcceptingHandle> | null;
    const accept = listening?.onconnection;
    if (typeof accept !== "function") return;
    listening!.onconnection = function (error, accepted) {
      const socket = accepted && new AcceptedSocket(accepted); // none where the accept failed
      if (socket === undefined || handleOf(socket) !== accepted) accept.call(this, error, accepted);
      else server.emit("connection", socket.setNoDelay(true));
    };
  });
}

function handleOf(of: object): unknown {
  const { _handle: handle } = of as { readonly _handle?: unknown };
  return handle;
}
