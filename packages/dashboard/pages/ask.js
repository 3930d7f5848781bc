/** The sidecar did not answer, or not as this page can read. The message is for people. */
export class NoAnswer extends Error {
  /** @param {string} message @param {number} [status] of the answer, where there was one */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Who has not answered by then is taken for gone. In ms. */
const TIMEOUT_MS = 5_000;
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Asks the sidecar that this page came from.
 *
 * @param {string} path such as `overview`, relative to the root of the admin API
 * @param {AbortSignal} [signal] nobody wants the answer any more
 * @returns {Promise<unknown>}
 * @throws NoAnswer, or an AbortError by the signal
 */
export async function ask(path, signal) {
  const late = AbortSignal.timeout(TIMEOUT_MS);
  const either = signal === undefined ? late : AbortSignal.any([signal, late]);
  /** @type {Response} */
  let response;
  let text = "";
  try {
    response = await fetch(new URL(`../${path}`, document.baseURI), {
      signal: either,
      headers: { accept: "application/json" },
    });
    text = await bounded(response);
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof NoAnswer) throw error;
    throw new NoAnswer(
      late.aborted ? `it did not answer within ${TIMEOUT_MS / 1000} s` : "it cannot be reached, it may have ended",
    );
  }
  const value = parsed(text);
  if (response.ok) {
    if (value === undefined) throw new NoAnswer("its answer is no JSON: is this a sidecar?");
    return value;
  }
  const { detail } = /** @type {{ detail?: unknown }} */ (value ?? {});
  throw new NoAnswer(typeof detail === "string" ? detail : `it answered ${response.status}`, response.status);
}

/** @param {Response} response */
async function bounded(response) {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) return text + decoder.decode();
    bytes += piece.value.length;
    if (bytes > MOST_BYTES) {
      void reader?.cancel();
      throw new NoAnswer("its answer does not end");
    }
    text += decoder.decode(piece.value, { stream: true });
  }
}

/** @param {string} text @returns {unknown} undefined: no JSON */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
