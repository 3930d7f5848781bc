// What checkout.go does, where there is neither Go nor grpcio: with grpc-js, and no mesh in this process.
import { Client, credentials } from "@grpc/grpc-js";
import { runPaced } from "./paced.ts";
import { COUNT_PATH, decodeFrom, encodeItem } from "./stock-messages.ts";

const client = new Client(process.env["WEFT_OUTBOUND"] ?? "", credentials.createInsecure(), {
  "grpc.default_authority": "stock",
});

function count(item: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + 15_000 };
    client.makeUnaryRequest(COUNT_PATH, encodeItem, decodeFrom, item, options, (error, from) => {
      if (error !== null || from === undefined) reject(error ?? new Error("an empty answer"));
      else resolve(from);
    });
  });
}

runPaced(count, () => client.close());
