import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request, type RequestOptions } from "node:http";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly endpoint: string;
}

/** One call with node:http, body and all. */
export async function call(
  url: string,
  options: RequestOptions & { readonly body?: string } = {},
): Promise<HttpAnswer> {
  const { body, ...rest } = options;
  const sent = request(url, rest);
  sent.on("error", () => {}); // it may fail inside the body, too: then the body's reader is told
  sent.end(body);
  return answerOf(await responseOf(sent));
}

/** The head of the answer. */
export async function responseOf(sent: ClientRequest): Promise<IncomingMessage> {
  // `once` rejects with the request's `error`; what it resolves with is the event's only argument.
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return response;
}

export async function answerOf(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer); // no encoding was set
  return {
    status: response.statusCode ?? 0,
    body: Buffer.concat(chunks).toString(),
    endpoint: String(response.headers["x-fake-endpoint"]),
  };
}
