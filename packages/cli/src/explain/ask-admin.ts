import { type IncomingMessage, request } from "node:http";
import { addressText, type SocketAddress } from "@weft/config";

/** What came of asking. */
export type AdminAnswer =
  | { readonly kind: "answered"; readonly body: unknown }
  /** The admin API says why not, in its own words. */
  | { readonly kind: "refused"; readonly status: number; readonly detail: string }
  /** Nobody is there, or nobody of ours: in words, with what to do. */
  | { readonly kind: "failed"; readonly why: string };

/** A longer answer is none of ours. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Asks a sidecar's admin API. Never throws.
 *
 * @param path with its query
 * @param waitMs until the last byte of the answer must be there
 * @param stop aborts when the answer is not wanted any more. Absent: it is
 */
export async function askAdmin(
  admin: SocketAddress,
  path: string,
  waitMs = 5_000,
  stop?: AbortSignal,
): Promise<AdminAnswer> {
  const name = addressText(admin);
  const waited = AbortSignal.timeout(waitMs);
  try {
    const signal = stop === undefined ? waited : AbortSignal.any([waited, stop]);
    const { status, type, text } = await get(admin, path, signal);
    const body = parsed(text);
    if (status === 200 && isObject(body)) return { kind: "answered", body };
    if (type.startsWith("application/problem+json") && isObject(body) && typeof body["detail"] === "string") {
      // Where calls are taken, problems have a code.
      if ("code" in body) return { kind: "failed", why: `${name} takes calls and is no admin API; ${ASK_ADMIN}` };
      return { kind: "refused", status, detail: body["detail"] };
    }
    const what = `${status}${type === "" ? "" : ` with ${type}`}`;
    return { kind: "failed", why: `what answers at ${name} is no admin API of weft (${what}); ${ASK_ADMIN}` };
  } catch (error) {
    if (waited.aborted) return { kind: "failed", why: `${name} gave no answer within ${waitMs / 1_000} s` };
    return { kind: "failed", why: whyNot(error, name) };
  }
}

const ASK_ADMIN = "name the address under sidecar.admin.listen with --admin";

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function get(admin: SocketAddress, path: string, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const where = "path" in admin ? { socketPath: admin.path } : { host: admin.host, port: admin.port };
  const asked = request({ ...where, path, signal, agent: false, headers: { accept: "application/json" } }, (answer) => {
    answer.on("error", reject);
    read(answer).then((text) => {
      resolve({ status: answer.statusCode ?? 0, type: answer.headers["content-type"] ?? "", text });
    }, reject);
  });
  asked.on("error", reject);
  asked.end();
  return promise;
}

async function read(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer) {
    const bytes = Buffer.from(piece as Uint8Array); // no encoding was set, so these are bytes
    size += bytes.length;
    if (size > MOST_BYTES) throw new Error(`answers with more than ${MOST_BYTES} bytes`);
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function whyNot(error: unknown, name: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ECONNREFUSED":
      return `nobody listens at ${name}; is the sidecar running, with sidecar.admin in its file? ${ASK_ADMIN}`;
    case "ENOENT":
      return `there is no socket ${name}; is the sidecar running? ${ASK_ADMIN}`;
    case "EACCES":
      return `this user may not open ${name}: only who the sidecar runs as may`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the host of ${name} is not known`;
    case "ECONNRESET":
      return `${name} broke off before its answer was complete; it may be ending, or be no admin API of weft`;
    default:
      return `${name}: ${error instanceof Error ? error.message : String(error)}; ${ASK_ADMIN}`;
  }
}
