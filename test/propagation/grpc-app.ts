// A service of gRPC that contains nothing of traces, run in a process of its own: answers with what orders got.
import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { ASK } from "./ask.ts";

const orders = process.env["ORDERS"] ?? "";

const server = new Server();
const implementation: UntypedServiceImplementation = {
  ask: (_call: unknown, answer: (error: null, bytes: Buffer) => void) => {
    void fetch(orders).then(async (response) => answer(null, Buffer.from(await response.bytes())));
  },
};
server.addService({ ask: ASK }, implementation);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
