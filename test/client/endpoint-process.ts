// Run by kill.test.ts: an endpoint in a process of its own, which says its port and serves until it is killed.
import { createServer } from "node:http";

const server = createServer((_asked, answer) => void answer.end("ok"));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.send?.(address.port);
});
process.once("disconnect", () => process.exit(0));
