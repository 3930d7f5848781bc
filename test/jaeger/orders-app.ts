// The orders app of these tests, as a process of its own: each request makes a call to payments with the SDK, which the
// preload tells to which trace it belongs. Arguments: the collector's URL, and the address of payments.
import { createServer } from "node:http";
import { createMesh } from "@weft/client";
import { startTelemetry } from "@weft/telemetry";

const [url = "", payments = "127.0.0.1:1"] = process.argv.slice(2);
const telemetry = await startTelemetry({ serviceName: "orders", otlp: { url }, sampleRatio: 1 });
const mesh = createMesh({
  telemetry,
  services: { payments: { discover: { static: [payments as `${string}:${number}`] } } }, // as the test wrote it
});

const server = createServer(async (request, response) => {
  try {
    const paid = await mesh.fetch(`http://payments${request.url}`);
    response.writeHead(paid.status, { "content-type": "application/json" }).end(await paid.text());
  } catch (error) {
    response.writeHead(502).end(String(error));
  }
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port to listen on");
  process.send?.({ port: address.port });
});
process.once("disconnect", () => process.exit()); // the test has crashed
