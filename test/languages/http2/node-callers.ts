import { once } from "node:events";
import { request } from "node:http";
import { connect, type IncomingHttpHeaders } from "node:http2";
import { text } from "node:stream/consumers";

/** What is sent: with a trailer `x-caller` after the body, when there is one. */
interface Sent {
  readonly port: number;
  readonly authority: string;
  readonly path: string;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Came {
  readonly status: number;
  readonly body: string;
  readonly trailers: Readonly<Record<string, unknown>>;
}

export interface Caller {
  readonly caller: string;
  post(sent: Sent): Promise<Came>;
}

/** Node's own clients of both protocols. Each call has a connection of its own. */
export const NODE_CALLERS: readonly Caller[] = [
  {
    caller: "node:http",
    async post({ port, authority, path, body, headers }) {
      const sending = request({
        host: "127.0.0.1",
        port,
        path,
        method: "POST",
        agent: false,
        headers: { host: authority, te: "trailers", connection: "TE", trailer: "x-caller", ...headers },
      });
      sending.addTrailers({ "x-caller": "node:http" });
      sending.write(body); // and so in chunks: only those have trailers
      sending.end();
      const [response] = await once(sending, "response");
      const came = await text(response);
      return { status: response.statusCode, body: came, trailers: response.trailers };
    },
  },
  {
    caller: "node:http2",
    async post({ port, authority, path, body, headers }) {
      const session = connect(`http://127.0.0.1:${port}`);
      try {
        const stream = session.request(
          { ":method": "POST", ":path": path, ":authority": authority, te: "trailers", ...headers },
          { waitForTrailers: true },
        );
        stream.once("wantTrailers", () => stream.sendTrailers({ "x-caller": "node:http2" }));
        let trailers: IncomingHttpHeaders = {};
        stream.once("trailers", (came: IncomingHttpHeaders) => (trailers = came));
        stream.end(body);
        const [head] = await once(stream, "response");
        return { status: Number(head[":status"]), body: await text(stream), trailers };
      } finally {
        session.destroy();
      }
    },
  },
];
