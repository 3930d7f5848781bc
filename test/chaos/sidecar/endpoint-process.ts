// Run by child-endpoint.ts: an endpoint that is to be killed or stopped. Says its port, and "inside" when half of an
// answer has left that it will never complete. "close idle" makes it close the connections that wait for a request.
import { createServer } from "node:http";

const HALF = Buffer.alloc(50_000, "x");

const server = createServer({ keepAliveTimeout: 0 }, (asked, answer) => {
  if (asked.url === "/half-of-length") answer.setHeader("content-length", 2 * HALF.length);
  if (!asked.url?.startsWith("/half")) answer.end("ok");
  else answer.write(HALF, () => process.send?.("inside"));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.send?.(address.port);
});
process.on("message", () => {
  server.closeIdleConnections();
  process.send?.("closed idle");
});
process.once("disconnect", () => process.exit(0));
