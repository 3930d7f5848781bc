import type { MethodDefinition } from "@grpc/grpc-js";

/** A method of gRPC whose messages are bytes as they are. */
export const ASK: MethodDefinition<Buffer, Buffer> = {
  path: "/weft.test.Propagation/Ask",
  requestStream: false,
  responseStream: false,
  requestSerialize: (bytes) => bytes,
  requestDeserialize: (bytes) => bytes,
  responseSerialize: (bytes) => bytes,
  responseDeserialize: (bytes) => bytes,
};
