// One endpoint of the gRPC service stock, as a process of its own. As orders.ts in all else.
import { promisify } from "node:util";
import { Client, credentials, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { answerMs, type Manner, runEndpoint } from "./endpoint.ts";
import { COUNT_PATH, decodeFrom, decodeItem, encodeFrom, encodeItem } from "./stock-messages.ts";

const [name = "stock-1", consulUrl = "http://127.0.0.1:8500"] = process.argv.slice(2);
let manner: Manner = "well";

const server = new Server();
server.addService(
  {
    Count: {
      path: COUNT_PATH,
      requestStream: false,
      responseStream: false,
      requestSerialize: encodeItem,
      requestDeserialize: decodeItem,
      responseSerialize: encodeFrom,
      responseDeserialize: decodeFrom,
    },
  },
  {
    Count(_call: unknown, answer: (error: object | null, from?: string) => void) {
      if (manner === "failing") answer({ code: status.UNAVAILABLE, details: `${name} is out of order` });
      else setTimeout(() => answer(null, name), answerMs(manner));
    },
  },
);

const port = await promisify(server.bindAsync.bind(server))("127.0.0.1:0", ServerCredentials.createInsecure());
const itself = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
for (let item = 1; item <= 20; item++) {
  await new Promise<void>((resolve, reject) => {
    itself.makeUnaryRequest(COUNT_PATH, encodeItem, decodeFrom, item, (error) => (error ? reject(error) : resolve()));
  });
}
itself.close();
await runEndpoint({
  consulUrl,
  service: "stock",
  name,
  port,
  become: (told) => (manner = told),
  close: () => server.tryShutdown(() => {}),
});
