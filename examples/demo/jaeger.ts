/** A Jaeger on this machine. */
export interface Jaeger {
  /** Where it takes spans. */
  readonly otlp: string;
  /** Where one looks at them. */
  readonly page: string;
}

// The ports that Jaeger listens on when nobody says otherwise.
const JAEGER: Jaeger = { otlp: "http://127.0.0.1:4318", page: "http://127.0.0.1:16686" };
const ANSWER_MS = 1_000;

/** Jaeger at its usual ports, or undefined where none runs. @param at for tests */
export async function findJaeger(at: Jaeger = JAEGER): Promise<Jaeger | undefined> {
  const isJaeger = await Promise.all([
    // Spans of nobody: whoever understands them is a collector.
    answers(`${at.otlp}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"resourceSpans":[]}',
    }),
    answers(`${at.page}/api/services`),
  ]);
  return isJaeger.every(Boolean) ? at : undefined;
}

async function answers(url: string, request: RequestInit = {}): Promise<boolean> {
  try {
    const { ok, body } = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_MS) });
    await body?.cancel();
    return ok;
  } catch {
    return false;
  }
}
