import type { Kv, KvRow, KvWrite } from "../store/kv.ts";
import type { Sessions } from "../store/sessions.ts";
import { ApiError, json, type Reply } from "./reply.ts";
import type { ApiRequest, Routes } from "./router.ts";
import type { World } from "./world.ts";

/** `/v1/kv/*`. */
export function kvRoutes(world: World, kv: Kv, sessions: Sessions): Routes {
  return {
    "/v1/kv/": {
      GET: (request) => read(world, kv, request),
      PUT: (request) => write(kv, sessions, request),
      DELETE: (request) => remove(kv, request),
    },
  };
}

async function read(world: World, kv: Kv, request: ApiRequest): Promise<Reply> {
  const { rest: key, params } = request;
  if (params.has("keys") || params.has("recurse")) {
    return world.read(request, {
      keys: () => ["kv"],
      index: () => kv.prefixIndex(key),
      answer: () => (params.has("keys") ? names(kv.under(key), key, params.get("separator") ?? "") : kv.under(key)),
      absent: (value) => Array.isArray(value) && value.length === 0,
    });
  }
  if (key === "") throw new ApiError(400, "Missing key name");
  const reply = await world.read(request, {
    keys: () => ["kv"],
    index: () => kv.keyIndex(key),
    answer: () => [kv.get(key)].filter((row) => row !== undefined),
    absent: (value) => Array.isArray(value) && value.length === 0,
  });
  const row = kv.get(key);
  if (!params.has("raw") || reply.status !== 200 || row === undefined) return reply;
  const bytes = Buffer.from(row.Value ?? "", "base64");
  return {
    ...reply,
    headers: { ...reply.headers, "Content-Security-Policy": "sandbox" },
    body: { kind: "bytes", bytes, type: "text/plain" },
  };
}

// Up to and with the first separator after the prefix, each once.
function names(rows: readonly KvRow[], prefix: string, separator: string): string[] {
  const cut = (key: string): string => {
    const at = separator === "" ? -1 : key.indexOf(separator, prefix.length);
    return at < 0 ? key : key.slice(0, at + separator.length);
  };
  return [...new Set(rows.map((row) => cut(row.Key)))];
}

function write(kv: Kv, sessions: Sessions, request: ApiRequest): Reply {
  const { rest: key, params, body } = request;
  if (key === "") throw new ApiError(400, "Missing key name");
  const conditions = ["cas", "acquire", "release"].filter((name) => params.has(name));
  if (conditions.length > 1) throw new ApiError(400, `Conflicting flags: ${params.toString()}`);
  const when = condition(params);
  if (when.kind === "acquire" && sessions.get(when.session) === undefined)
    throw new ApiError(500, `invalid session "${when.session}"`);
  const flags = params.has("flags") ? number(params.get("flags") ?? "") : 0;
  return json(kv.put(key, { value: body.length === 0 ? null : body.toString("base64"), flags, when }));
}

function condition(params: URLSearchParams): KvWrite["when"] {
  const [cas, acquire, release] = [params.get("cas"), params.get("acquire"), params.get("release")];
  if (cas !== null) return { kind: "cas", index: number(cas) };
  if (acquire !== null) return { kind: "acquire", session: acquire };
  return release === null ? { kind: "always" } : { kind: "release", session: release };
}

function remove(kv: Kv, request: ApiRequest): Reply {
  const { rest: key, params } = request;
  const cas = params.get("cas");
  if (params.has("recurse")) {
    if (cas !== null) throw new ApiError(400, `Conflicting flags: ${params.toString()}`);
    kv.deleteUnder(key);
    return json(true);
  }
  if (key === "") throw new ApiError(400, "Missing key name");
  return json(kv.delete(key, cas === null ? undefined : number(cas)));
}

function number(text: string): number {
  if (!/^\d+$/.test(text)) throw new ApiError(500, `strconv.ParseUint: parsing "${text}": invalid syntax`);
  return Number(text);
}
