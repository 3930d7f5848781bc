import { once } from "node:events";
import { connect } from "node:net";
import { type FakeEndpoint, fakeEndpoint, type FakeEndpointOptions } from "@weft/testkit";
import { onTestFinished } from "vitest";

export const GET = "GET /a?b=1 HTTP/1.1\r\nhost: x\r\n\r\n";

/** An endpoint that lives as long as the test. */
export async function started(options?: FakeEndpointOptions): Promise<FakeEndpoint> {
  const endpoint = await fakeEndpoint(options);
  onTestFinished(() => endpoint.close());
  return endpoint;
}

/** A client that sends and shows bytes as they are. */
export interface RawClient {
  send(bytes: string): void;
  /** All that was received. */
  text(): string;
  /** What follows the first head, parsed. */
  json(): unknown;
  /** Resolves when the text received contains `part`. */
  shows(part: string): Promise<void>;
  /** Resolves when the endpoint has ended the connection, with `end` or the code of the error. */
  ending(): Promise<string>;
  close(): void;
}

export function dial({ host, port }: FakeEndpoint, options: { allowHalfOpen?: boolean } = {}): RawClient {
  const socket = connect({ host, port, ...options });
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  let received = "";
  socket.on("data", (bytes) => {
    received += String(bytes);
  });
  socket.on("end", () => end("end"));
  socket.on("error", (error) => end("code" in error ? String(error.code) : error.message));
  return {
    send: (bytes) => void socket.write(bytes),
    text: () => received,
    json: () => JSON.parse(received.slice(received.indexOf("\r\n\r\n"))),
    async shows(part) {
      while (!received.includes(part)) await once(socket, "data");
    },
    ending: () => ended,
    close: () => void socket.destroy(),
  };
}
