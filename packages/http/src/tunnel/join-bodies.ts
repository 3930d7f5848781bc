import type { Duplex } from "node:stream";
import type { Fields } from "../head/fields.ts";
import type { BodySink, BodySource } from "../wire/body.ts";
import type { LateBody } from "./late-body.ts";
import { resetSocket } from "./reset-socket.ts";

/** The two ways of an exchange whose other end is a stream. */
export interface Bodies {
  /** What came from the socket before; sent first. */
  readonly early: Buffer | undefined;
  /** What the socket is sent. */
  readonly answer: BodySource;
  /** Where what comes from the socket goes. */
  readonly request: LateBody;
  /** Called once, when the socket has closed. @param complete whether both ways had come to their end */
  readonly ended: (complete: boolean) => void;
}

/** A socket joined with two bodies. */
export interface JoinedBodies {
  /** From the socket, the early ones among them. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Cuts both ends now. */
  close(): void;
}

/**
 * Joins the socket of a connection that was switched with the bodies of a stream. An end of one way is passed on, a
 * reset of either end resets the other, and a slow reader on either side holds the other up.
 */
export function joinBodies(socket: Duplex, bodies: Bodies): JoinedBodies {
  return new SocketBodies(socket, bodies);
}

class SocketBodies implements JoinedBodies, BodySink {
  readonly takesChunks = false;
  readonly keeps = true;
  bytesIn = 0;
  bytesOut = 0;
  readonly #socket: Duplex;
  readonly #bodies: Bodies;
  /** The stream has ended its way. */
  #answered = false;

  constructor(socket: Duplex, bodies: Bodies) {
    this.#socket = socket;
    this.#bodies = bodies;
    const { early, answer, request } = bodies;
    socket.allowHalfOpen = true; // its end is passed on, and not answered
    socket.on("error", () => {}).on("end", () => request.end());
    if (socket.closed) this.#closed();
    else socket.on("close", () => this.#closed());
    if (socket.destroyed) return;
    request.onRoom = () => void socket.resume();
    answer.attach(this);
    const room = early === undefined || this.#send(early);
    socket.on("data", (bytes: Buffer) => {
      if (!this.#send(bytes)) socket.pause();
    });
    if (room) socket.resume();
  }

  close(): void {
    this.#bodies.answer.cancel(new Error("the tunnel was closed"));
    resetSocket(this.#socket);
  }

  write(bytes: Buffer): boolean {
    this.bytesOut += bytes.length;
    this.#socket.write(bytes, this.#written);
    return this.#socket.writableLength === 0;
  }

  end(_trailers: Fields): void {
    this.#answered = true;
    this.#socket.end();
  }

  fail(_reason: unknown): void {
    resetSocket(this.#socket);
  }

  #send(bytes: Buffer): boolean {
    this.bytesIn += bytes.length;
    return this.#bodies.request.write(bytes);
  }

  readonly #written = (): void => {
    if (this.#socket.writableLength === 0) this.#bodies.answer.resume();
  };

  #closed(): void {
    const complete = this.#answered && this.#socket.readableEnded;
    if (!this.#answered) this.#bodies.answer.cancel(new Error("the caller's connection has closed"));
    this.#bodies.ended(complete);
  }
}
