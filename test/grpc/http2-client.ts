import { once } from "node:events";
import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { gunzipSync, gzipSync } from "node:zlib";
import type { MethodDefinition } from "@grpc/grpc-js";
import { frame, frames } from "./framed.ts";
import type { Target } from "./grpc-js-client.ts";

export interface SentMessage<Request> {
  readonly message: Request;
  readonly compressed: boolean;
}

export interface Http2Answer<Response> {
  readonly messages: readonly { readonly message: Response; readonly compressed: boolean }[];
  /** gRPC's code, from the trailers or from a head that is all of the answer. */
  readonly status: number;
  readonly head: IncomingHttpHeaders;
  /** Undefined: the head was all. */
  readonly trailers: IncomingHttpHeaders | undefined;
}

/**
 * One call with `node:http2` alone, on a connection of its own: each message compressed or not, and told so of each that
 * comes back. A call of any kind, since those are one on the wire. It keeps to no deadline of its own.
 *
 * @param fields  of the request, besides what every call has
 * @param options halfClose false: more might come, and never does
 */
export async function http2Call<Request, Response>(
  { address, authority }: Target,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
  sent: readonly SentMessage<Request>[],
  fields: OutgoingHttpHeaders = {},
  options: { readonly halfClose?: boolean } = {},
): Promise<Http2Answer<Response>> {
  const session = connect(`http://${address}`);
  try {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      ":authority": authority,
      te: "trailers",
      "content-type": "application/grpc",
      "grpc-encoding": "gzip",
      "grpc-accept-encoding": "gzip",
      ...fields,
    });
    let trailers: IncomingHttpHeaders | undefined;
    stream.once("trailers", (came: IncomingHttpHeaders) => (trailers = came));
    for (const { message, compressed } of sent) {
      const bytes = requestSerialize(message);
      stream.write(frame({ compressed, bytes: compressed ? gzipSync(bytes) : bytes }));
    }
    if (options.halfClose !== false) stream.end();
    const [head] = (await once(stream, "response")) as [IncomingHttpHeaders]; // by node:http2's documentation
    const messages: { message: Response; compressed: boolean }[] = [];
    for await (const { compressed, bytes } of frames(stream))
      messages.push({ message: responseDeserialize(compressed ? gunzipSync(bytes) : bytes), compressed });
    const { "grpc-status": status } = trailers ?? head;
    return { messages, status: Number(status), head, trailers };
  } finally {
    session.destroy();
  }
}
