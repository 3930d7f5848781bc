// An existing service that knows nothing of weft: it calls http://orders/... as it always did, and shows what came.
import { get } from "node:http";
import { text } from "node:stream/consumers";

export async function showOrders(): Promise<void> {
  const response = await fetch("http://orders/v1/7");
  console.log(`fetch: ${response.status} ${await response.text()}`);

  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get("http://orders/v1/8", (answer) => void text(answer).then(resolve, reject)).on("error", reject);
  console.log(`node:http: ${await promise}`);
}
