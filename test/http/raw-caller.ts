import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { changes } from "./changes.ts";

/** A caller that sends and shows bytes as they are. A character is a byte. */
export interface RawCaller {
  readonly socket: Socket;
  send(text: string): void;
  /** All that was received. */
  text(): string;
  /** Resolves when `part` has been received, `times` times. Rejects when the connection ends without. */
  shows(part: string, times?: number): Promise<void>;
  /** Resolves when the other side has ended the connection: with "end", or the code of the error. */
  ending(): Promise<string>;
  /** The FIN of our side; reading goes on. */
  end(): void;
}

export interface RawCallerOptions {
  /** False: reads nothing until `socket.resume()`. Default true. */
  readonly reads?: boolean;
  /** Another connection than plain TCP. */
  readonly socket?: Socket;
}

/** Connects, and is gone when the test is. @param address `host:port` */
export function rawCaller(address: string, options: RawCallerOptions = {}): RawCaller {
  const [host, port] = address.split(":");
  const socket = options.socket ?? connect({ host: host ?? "", port: Number(port), allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  const changed = changes();
  const received: string[] = [];
  let joined = "";
  let ended = "";
  function over(how: string): void {
    ended ||= how;
    changed.tell();
  }
  function text(): string {
    if (received.length > 0) joined += received.splice(0).join("");
    return joined;
  }
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    received.push(chunk);
    changed.tell();
  });
  if (options.reads === false) socket.pause();
  socket.on("end", () => over("end"));
  socket.on("error", (error) => over("code" in error ? String(error.code) : error.message));
  socket.on("close", () => over("close"));

  return {
    socket,
    send: (bytes) => void socket.write(bytes, "latin1"),
    text,
    async shows(part, times = 1) {
      const shown = (): boolean => text().split(part).length > times;
      await changed.until(() => shown() || ended !== "");
      if (!shown()) throw new Error(`the connection ended (${ended}) before ${JSON.stringify(part)} came: ${text()}`);
    },
    async ending() {
      await changed.until(() => ended !== "");
      return ended;
    },
    end: () => void socket.end(),
  };
}
