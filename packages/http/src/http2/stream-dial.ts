import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { dial, type Dialer, type Dialing, type DialOptions, type DialTarget } from "../dial/dial.ts";
import { dialFailure, type DialFailure } from "../dial/dial-failure.ts";
import { SHARED } from "../wire/read-buffers.ts";
import type { Http2ClientConnection } from "./http2-client-connection.ts";

/** Who dials, and is told what came of it. */
export interface StreamDialOwner {
  readonly target: DialTarget;
  readonly dialOptions: DialOptions;
  /** The endpoint speaks HTTP/2. @returns what the socket's reads go to */
  dialled(dialling: StreamDial, socket: Socket): Http2ClientConnection;
  /** The endpoint does not, but what it was offered as well. */
  choseHttp1(dialling: StreamDial): void;
  undialled(dialling: StreamDial, failure: DialFailure): void;
}

/** One connect on its way, and then what its socket's reads go to. */
export class StreamDial implements Dialer {
  readonly #pool: StreamDialOwner;
  #dialling: Dialing | undefined = undefined;
  #connection: Http2ClientConnection | undefined = undefined;

  constructor(pool: StreamDialOwner) {
    this.#pool = pool;
  }

  begin(): void {
    this.#dialling = dial(this.#pool.target, this, {
      ...this.#pool.dialOptions,
      onread: {
        buffer: SHARED,
        callback: (length, bytes) => {
          // Node hands over the very object that it was given.
          this.#connection?.received(bytes as Buffer, length);
          return true;
        },
      },
      allowHalfOpen: true,
    });
  }

  abort(): void {
    this.#dialling?.abort();
  }

  connected(socket: Socket): void {
    if (!(socket instanceof TLSSocket) || socket.alpnProtocol === "h2") {
      this.#connection = this.#pool.dialled(this, socket);
      return;
    }
    socket.on("error", () => {}).destroy();
    const { host, port, tls } = this.#pool.target;
    if (tls?.alpn?.includes("http/1.1") === true) return this.#pool.choseHttp1(this);
    const problem = `no HTTP/2 with ${host}:${port}: the endpoint did not choose it (ALPN)`;
    this.#pool.undialled(this, dialFailure("tls-failed", problem, undefined));
  }

  failed(failure: DialFailure): void {
    this.#pool.undialled(this, failure);
  }
}
