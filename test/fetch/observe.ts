/** Everything a caller can see of one call. */
export type Observation = Record<string, unknown>;

/** How an observer reads a body. */
export type Reading = "text" | "json" | "bytes" | "arrayBuffer" | "blob" | "chunks" | "clone" | "byob" | "not";

/** Makes a call and writes down what can be seen of it, up to the errors of wrong uses. */
export async function observe(call: () => Promise<Response>, reading: Reading = "text"): Promise<Observation> {
  let response: Response;
  try {
    response = await call();
  } catch (error) {
    return { rejected: describeError(error) };
  }
  return { ...head(response), ...(await body(response, reading)) };
}

function head(response: Response): Observation {
  const { status, statusText, ok, url, redirected, type, headers } = response;
  return {
    status,
    statusText,
    ok,
    url,
    redirected,
    type,
    headers: [...headers],
    cookies: headers.getSetCookie(),
    contentType: headers.get("content-type"),
    immutable: ["append", "set"].map((name) =>
      thrown(() => Reflect.apply(Reflect.get(headers, name), headers, ["a", "b"])),
    ),
    undeletable: thrown(() => headers.delete("a")),
    tags: [String(response), String(headers), response.constructor === Response, headers.constructor === Headers],
    instances: [response instanceof Response, headers instanceof Headers],
    keys: Object.keys(response),
    bodiless: response.body === null,
    usedAtFirst: response.bodyUsed,
  };
}

async function body(response: Response, reading: Reading): Promise<Observation> {
  switch (reading) {
    case "not":
      await response.body?.cancel();
      return { used: response.bodyUsed };
    case "clone": {
      const clone = response.clone();
      const cloned = { ...head(clone), text: await settled(() => clone.text()) };
      return { cloned, usedByClone: response.bodyUsed, ...(await body(response, "text")) };
    }
    case "chunks":
      // How bytes are cut into chunks is the network's doing; what they are, and how they end, is not.
      return { chunks: await settled(() => join(response)), ...(await after(response)) };
    case "byob":
      return { chunks: await settled(() => joinByob(response)), ...(await after(response)) };
    case "blob":
      return { blob: await settled(async () => describeBlob(await response.blob())), ...(await after(response)) };
    case "bytes":
      return { bytes: await settled(async () => hex(await response.bytes())), ...(await after(response)) };
    case "arrayBuffer":
      return { bytes: await settled(async () => hex(await response.arrayBuffer())), ...(await after(response)) };
    case "text":
    case "json":
      return { [reading]: await settled(() => response[reading]()), ...(await after(response)) };
    default:
      return reading satisfies never;
  }
}

async function after(response: Response): Promise<Observation> {
  return {
    used: response.bodyUsed,
    again: await settled(() => response.text()),
    cloneAfter: thrown(() => response.clone()),
  };
}

async function join(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of response.body ?? []) parts.push(part as Uint8Array); // bytes, as in every response
  return hex(Buffer.concat(parts));
}

async function joinByob(response: Response): Promise<string> {
  const reader = response.body?.getReader({ mode: "byob" });
  const parts: Uint8Array[] = [];
  while (reader !== undefined) {
    const { value, done } = await reader.read(new Uint8Array(1_000));
    if (value !== undefined) parts.push(value);
    if (done) break;
  }
  return hex(Buffer.concat(parts));
}

async function describeBlob(blob: Blob): Promise<Observation> {
  return { type: blob.type, bytes: hex(await blob.arrayBuffer()) };
}

function hex(bytes: Uint8Array | ArrayBuffer): string {
  return Buffer.from(bytes as Uint8Array).toString("hex"); // Buffer.from takes both, in two overloads
}

async function settled(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return { value: await run() };
  } catch (error) {
    return describeError(error);
  }
}

function thrown(run: () => unknown): unknown {
  try {
    run();
    return "fine";
  } catch (error) {
    return describeError(error);
  }
}

/** What can be told of an error without its stack. */
export function describeError(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return { primitive: String(error) };
  const { name, message, code, cause } = error as Error & { code?: unknown }; // read as what it most likely is
  return {
    class: error.constructor.name,
    name,
    // Ports that the system chose for this side of a connection differ each time.
    message: String(message),
    code,
    cause: cause === undefined ? undefined : describeError(cause),
  };
}
