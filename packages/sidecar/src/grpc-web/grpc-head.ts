import { RequestHead } from "@weft/http";
import { grpcType, readWebType, type WebType } from "./web-type.ts";

/** What a request says that it is, in gRPC-Web's terms; undefined when it is no call of gRPC-Web. */
export function webCallType(head: RequestHead): WebType | undefined {
  return head.method === "POST" ? readWebType(head.get("content-type") ?? "") : undefined;
}

/** The head that a client of gRPC would have sent in its place. */
export function grpcHead(head: RequestHead, type: WebType): RequestHead {
  // What is answered must be frames: nobody on the way may compress the whole of it.
  const fields = head.asList().without("content-type").without("accept-encoding");
  const list = fields.with("content-type", grpcType(type));
  return new RequestHead({ ...head, lines: "", list, contentLength: -1, acceptsTrailers: true, grpc: true });
}
