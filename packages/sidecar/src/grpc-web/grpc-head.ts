import { RequestHead } from "@weft/http";
import { grpcType, readWebType, type WebType } from "./web-type.ts";

/** What a request says that it is, in gRPC-Web's terms; undefined when it is no call of gRPC-Web. */
export function webCallType(head: RequestHead): WebType | undefined {
  return head.method === "POST" ? readWebType(head.get("content-type") ?? "") : undefined;
}

/**
 * The head that a client of gRPC would have sent in its place: over HTTP/2, for by nothing else does gRPC come. So what
 * is decided by the version of HTTP, such as whether a status can stand behind a body, is decided as for gRPC.
 */
export function grpcHead(head: RequestHead, type: WebType): RequestHead {
  // What is answered must be frames: nobody on the way may compress the whole of it.
  const fields = head.asList().without("content-type").without("accept-encoding");
  const list = fields.with("content-type", grpcType(type));
  return new RequestHead({
    ...head,
    lines: "",
    list,
    version: "2",
    contentLength: -1,
    chunked: false,
    upgrade: "",
    acceptsTrailers: true,
    grpc: true,
  });
}
