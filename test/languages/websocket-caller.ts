// Talks through a sidecar with Node's own WebSocket. Argument: the URL. Prints what came of it, a line each.
const [url = ""] = process.argv.slice(2);
const socket = new WebSocket(url);
socket.binaryType = "arraybuffer";
const next = (): Promise<string | ArrayBuffer> =>
  new Promise(
    (resolve) =>
      socket.addEventListener("message", ({ data }) => resolve(data as string | ArrayBuffer), { once: true }), // by its binaryType
  );

await new Promise((resolve, reject) => {
  socket.addEventListener("open", resolve);
  socket.addEventListener("error", () => reject(new Error(`no WebSocket at ${url}`)));
});
for (const text of ["one", "two", "häßlich", "x".repeat(70_000)]) {
  const echo = next();
  socket.send(text);
  console.log("text", (await echo) === text);
}
const bytes = new Uint8Array(1_000_000).map((_, at) => (at * 7) % 251);
const echo = next();
socket.send(bytes);
const back = await echo;
console.log("binary", typeof back !== "string" && Buffer.from(back).equals(bytes));
const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
socket.close(4001, "done");
const { code, reason, wasClean } = await closed;
console.log("close", code, reason, wasClean);
