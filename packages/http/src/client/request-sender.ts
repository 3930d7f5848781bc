import type { Socket } from "node:net";
import type { Fields } from "../head/fields.ts";
import type { BodySink, BodySource } from "../wire/body.ts";
import { chunkHead } from "../wire/chunk-head.ts";
import { brokenRequest } from "./exchange-failure.ts";
import type { ClientExchange } from "./client-exchange.ts";

/** Sends the body of a request as it comes. */
export class RequestSender implements BodySink {
  readonly takesChunks: boolean;
  readonly keeps = true;
  readonly #exchange: ClientExchange;
  readonly #socket: Socket;
  readonly #source: BodySource;
  readonly #chunked: boolean;
  readonly #head: string;
  #state: "sending" | "sent" | "stopped" = "sending";

  /** @param head "": bytes go as they are, without any framing, and their end is that of our side of the connection */
  constructor(exchange: ClientExchange, socket: Socket, head: string, source: BodySource) {
    this.#exchange = exchange;
    this.#socket = socket;
    this.#source = source;
    this.#chunked = source.length < 0 && head !== "";
    this.#head = head;
    this.takesChunks = this.#chunked && source.chunked;
  }

  /** Sends the head, and with it what is there of the body. */
  start(): void {
    const socket = this.#socket;
    socket.cork();
    if (this.#head !== "") socket.write(this.#head, "latin1");
    this.#source.attach(this);
    socket.uncork();
  }

  /** All of it was handed to the socket. */
  get done(): boolean {
    return this.#state === "sent";
  }

  /** The exchange is over: nothing more is sent. */
  stop(reason: unknown): void {
    if (this.#state !== "sending") return;
    this.#state = "stopped";
    this.#source.cancel(reason);
  }

  write(bytes: Buffer): boolean {
    if (this.#state !== "sending") return true;
    const socket = this.#socket;
    if (this.#chunked && !this.takesChunks) {
      socket.write(chunkHead(bytes.length), "latin1");
      socket.write(bytes);
      socket.write("\r\n", "latin1", this.#written);
    } else socket.write(bytes, this.#written);
    return socket.writableLength === 0;
  }

  end(trailers: Fields): void {
    if (this.#state !== "sending") return;
    this.#state = "sent";
    if (this.#head === "") this.#socket.end();
    else if (this.#chunked) this.#socket.write(`0\r\n${trailers.lines}\r\n`, "latin1");
  }

  fail(reason: unknown): void {
    if (this.#state !== "sending") return;
    this.#state = "stopped";
    this.#exchange.lose(brokenRequest(reason));
  }

  readonly #written = (): void => {
    if (this.#socket.writableLength === 0) this.#source.resume();
  };
}
