// The payments service of docker-compose.yml, which contains nothing of weft. Every fifth request is answered 503, so
// that there are retries to be seen. LISTEN says where others reach it: `host:port`.
import { createServer } from "node:http";

let requests = 0;
const server = createServer((request, response) => {
  if (++requests % 5 === 0) {
    response.writeHead(503).end("out of order, this once\n");
    return;
  }
  // `00-TRACE-SPAN-FLAGS`: who reads the answer finds the trace by it.
  const [, traceId] = String(request.headers["traceparent"] ?? "").split("-");
  response.writeHead(200, { "content-type": "application/json" });
  response.end(`${JSON.stringify({ paid: true, traceId })}\n`);
});

const [host = "127.0.0.1", port = "3000"] = (process.env["LISTEN"] ?? "").split(":");
server.listen(Number(port), host, () => console.log(`payments listens on ${host}:${port}`));
