import { once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Timer } from "@weft/core";
import type { Answer, Behaviour } from "./behaviour.ts";
import { ByteReader } from "./byte-reader.ts";
import { type EncodedAnswer, encodeAnswer } from "./encode-answer.ts";
import { readRequest, type SeenRequest, type WireRequest } from "./read-request.ts";

/** What a connection needs of its endpoint. */
export interface ConnectionPorts {
  readonly name: string;
  readonly timer: Timer;
  /** An idle connection is closed after so long, in ms; Infinity: never. */
  readonly keepAliveMs: number;
  /** Writes a request down, and says what to do with it. */
  accept(request: WireRequest, connection: number): { request: SeenRequest; behaviour: Behaviour };
  /** Resolves when the test lets stalled requests go on. */
  released(gone: AbortSignal): Promise<void>;
}

/** One connection of a fake endpoint: reads requests one after the other and does with each what it is told. */
export class Connection {
  readonly #number: number;
  readonly #socket: Socket;
  readonly #ports: ConnectionPorts;
  readonly #gone = new AbortController();
  #idle = true;

  constructor(number: number, socket: Socket, ports: ConnectionPorts) {
    this.#number = number;
    this.#socket = socket;
    this.#ports = ports;
    socket.on("error", () => {}); // a peer that resets is part of the game, and `close` follows
    // A client that half-closes has given up as far as this endpoint goes: Node ends our side, too.
    for (const last of ["end", "close"]) socket.once(last, () => this.#gone.abort());
  }

  /** Takes what comes and answers nothing. */
  hang(): void {
    this.#socket.resume();
  }

  reset(): void {
    // While an end is on its way the system refuses the reset, and Node then never tells of the close.
    if (this.#socket.writableEnded) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** Closes (TCP FIN) when no request is under way. */
  closeIfIdle(): void {
    if (this.#idle) this.#socket.end();
  }

  /** Resolves when the connection serves no further request. */
  async serve(): Promise<void> {
    const bytes = new ByteReader(this.#socket);
    try {
      while ((await this.#nextComes(bytes)) && (await this.#serveOne(bytes)));
    } catch (error) {
      // The test's own rule threw, or its delay cannot be waited for: say so where the test looks.
      if (!this.#gone.signal.aborted) this.#refuse("500 Internal Server Error", String(error));
    }
    // Whoever sends to a socket that was closed gets a reset, as from a process that is done with it.
    bytes.discard();
    if (await bytes.some()) this.reset();
  }

  async #nextComes(bytes: ByteReader): Promise<boolean> {
    const { timer, keepAliveMs } = this.#ports;
    this.#idle = true;
    const cancel =
      keepAliveMs < Number.POSITIVE_INFINITY ? timer.after(keepAliveMs, () => this.closeIfIdle()) : undefined;
    const comes = await bytes.some();
    cancel?.();
    this.#idle = false;
    if (comes && !this.#socket.writable) this.reset(); // it was closed while this was on its way
    return comes && this.#socket.writable;
  }

  /** @returns whether the connection is kept for another request */
  async #serveOne(bytes: ByteReader): Promise<boolean> {
    const read = await readRequest(bytes, () => void this.#write("HTTP/1.1 100 Continue\r\n\r\n"));
    switch (read.kind) {
      case "ended":
        return false;
      case "malformed":
        this.#refuse("400 Bad Request", read.why);
        return false;
      case "request": {
        const { request, behaviour } = this.#ports.accept(read.request, this.#number);
        return this.#act(behaviour, request);
      }
      default:
        return read satisfies never;
    }
  }

  #refuse(status: string, why: string): void {
    this.#socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n${why}`);
  }

  async #act(behaviour: Behaviour, request: SeenRequest): Promise<boolean> {
    switch (behaviour.kind) {
      case undefined:
      case "answer":
        return this.#answer(behaviour, request);
      case "stall": {
        if (behaviour.at === "inside-body") return this.#answer(behaviour.answer, request, () => this.#released());
        await this.#released();
        return this.#answer(behaviour.answer, request);
      }
      case "reset":
        if (behaviour.at === "body") {
          await this.#writeHalf(behaviour.answer, request);
          // A client on Node 22 that finds half a body and a reset in one look at its socket reports an end instead.
          // Two turns of the loop let one in this process look in between.
          await nextTurn();
          await nextTurn();
        }
        this.reset();
        return false;
      case "hang":
        if (!this.#gone.signal.aborted) await once(this.#gone.signal, "abort");
        return false;
      case "close":
        this.#socket.end();
        return false;
      case "truncate":
        await this.#writeHalf(behaviour.answer, request);
        this.#socket.end();
        return false;
      case "garbage":
        this.#socket.end(behaviour.bytes ?? "220 this is no HTTP\r\n");
        return false;
      default:
        return behaviour satisfies never;
    }
  }

  async #answer(answer: Answer = {}, request: SeenRequest, between?: () => Promise<void>): Promise<boolean> {
    const encoded = await this.#begin(answer, request);
    const { head, firstHalf, secondHalf, last } = encoded;
    if (between === undefined) await this.#write(head, firstHalf, secondHalf);
    else {
      await this.#write(head, firstHalf);
      await between();
      await this.#write(secondHalf);
    }
    const done = last || answer.thenClose === true;
    if (done) this.#socket.end();
    return !done;
  }

  async #writeHalf(answer: Answer = {}, request: SeenRequest): Promise<void> {
    const { head, firstHalf } = await this.#begin(answer, request);
    await this.#write(head, firstHalf);
  }

  async #begin(answer: Answer, request: SeenRequest): Promise<EncodedAnswer> {
    const encoded = encodeAnswer(answer, request, this.#ports.name);
    if (encoded.before !== "") await this.#write(encoded.before);
    if (answer.delayMs !== undefined) await this.#ports.timer.sleep(answer.delayMs, this.#gone.signal);
    return encoded;
  }

  #released(): Promise<void> {
    return this.#ports.released(this.#gone.signal);
  }

  /** Resolves when the bytes have left, or cannot any more. */
  async #write(...parts: readonly (string | Buffer)[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.write(Buffer.concat(parts.map((part) => Buffer.from(part))), () => resolve());
    await promise;
  }
}
