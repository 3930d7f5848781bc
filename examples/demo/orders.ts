// One endpoint of the orders service, as a process of its own: answers over HTTP, registers itself in Consul, and
// changes its manners when told to. Arguments: its name, and Consul's address.
import { createServer } from "node:http";
import { register } from "@weft/discovery";

const [name = "orders-1", consulUrl = "http://127.0.0.1:8500"] = process.argv.slice(2);

/** What it can be told to be. */
export type Manner = "well" | "slow" | "failing";

const ANSWER_MS = 20;
let manner: Manner = "well";

const server = createServer((request, response) => {
  if (manner === "failing") {
    response.writeHead(503, { "content-type": "text/plain" }).end(`${name} is out of order\n`);
    return;
  }
  const takesMs = manner === "slow" ? ANSWER_MS * 10 : ANSWER_MS;
  setTimeout(
    () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(`${JSON.stringify({ from: name, path: request.url })}\n`);
    },
    takesMs * (0.75 + 0.5 * Math.random()),
  );
});

server.listen(0, "127.0.0.1", async () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port to listen on");
  const { port } = address;
  // The first answers of a fresh process are slow. It takes them itself, before anybody else can get one.
  for (let i = 0; i < 20; i++) await (await fetch(`http://127.0.0.1:${port}/warm-up`)).text();
  const registration = register({
    url: consulUrl,
    name: "orders",
    id: name,
    address: "127.0.0.1",
    port,
    check: { ttlMs: 6_000 },
  });
  await registration.ready();
  process.send?.({ kind: "ready", port });

  process.on("message", (told: Manner) => {
    manner = told;
  });
  process.on("SIGINT", () => {}); // Ctrl-C reaches every process of the terminal: the stage ends this one in its turn
  const orphaned = (): void => process.exit(); // the stage has crashed
  process.once("disconnect", orphaned);
  process.once("SIGTERM", async () => {
    process.off("disconnect", orphaned);
    await registration.close({ drainMs: 300 });
    server.close();
    server.closeIdleConnections();
    process.disconnect?.();
  });
});
