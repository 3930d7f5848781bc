// Run by child-endpoint.ts: a test server of grpc-js in a process of its own. Arguments: its id, and its port or 0. Says
// its port. "drain" makes it end as a server does that is told to: it takes nothing new, tells its callers so by GOAWAY,
// and ends when the last call has. "end" ends what is still running then.
import { grpcJsServer } from "./grpc-js-server.ts";

const [id = "", port = "0"] = process.argv.slice(2);
const { server, address } = await grpcJsServer(id, {}, Number(port));
process.send?.(Number(address.slice(address.lastIndexOf(":") + 1)));
process.on("message", (word) => {
  if (word === "drain") server.tryShutdown(() => process.exit(0));
  else if (word === "end") server.forceShutdown();
});
process.once("disconnect", () => process.exit(0));
