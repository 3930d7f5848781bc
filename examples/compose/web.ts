// The web service of docker-compose.yml, which contains nothing of weft: each request, and a clock once a second, makes a
// call to orders. HTTP_PROXY is the sidecar. LISTEN says where others reach it: `host:port`.
import { createServer } from "node:http";

const server = createServer(async (request, response) => {
  try {
    const order = await fetch(`http://orders${request.url}`);
    response.writeHead(order.status, { "content-type": "application/json" }).end(await order.text());
  } catch (error) {
    response.writeHead(502).end(`${String(error)}\n`);
  }
});

const [host = "127.0.0.1", port = "3000"] = (process.env["LISTEN"] ?? "").split(":");
server.listen(Number(port), host, () => console.log(`web listens on ${host}:${port}`));

// So that there is something to see before anybody calls.
setInterval(async () => {
  try {
    await (await fetch("http://orders/every-second")).arrayBuffer();
  } catch (error) {
    console.log(`the call of this second failed: ${String(error)}`);
  }
}, 1000);
