import { request, type IncomingHttpHeaders, type RequestOptions } from "node:http";

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  json(): unknown;
}

/** Asks an admin server at the address it said. */
export function ask(
  address: string,
  path: string,
  options: RequestOptions & { readonly body?: string } = {},
): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const { body = "", ...own } = options;
  const where = address.startsWith("unix:")
    ? { socketPath: address.slice("unix:".length) }
    : { host: address.slice(0, address.lastIndexOf(":")), port: address.slice(address.lastIndexOf(":") + 1) };
  const sent = request({ ...where, path, agent: false, ...own }, (incoming) => {
    let text = "";
    incoming.setEncoding("utf8");
    incoming.on("data", (piece: string) => (text += piece));
    incoming.on("error", reject);
    incoming.on("end", () => {
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        text,
        json: (): unknown => JSON.parse(text),
      });
    });
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}
