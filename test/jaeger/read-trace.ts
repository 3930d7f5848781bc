/** A span as Jaeger gives it back. */
export interface ReadSpan {
  readonly id: string;
  /** Undefined: the trace begins here. */
  readonly parent: string | undefined;
  /** Ids of the spans it is linked to. */
  readonly links: readonly string[];
  readonly service: string;
  readonly name: string;
  /** `server`, `client`, `internal`, ... */
  readonly kind: string;
  readonly startUs: number;
  readonly durationUs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly ReadEvent[];
}

interface ReadEvent {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const WAIT_MS = 50_000;
const BETWEEN_MS = 100;

/**
 * Asks Jaeger for a trace until it has what is expected: spans are sent in batches, by several processes.
 *
 * @param complete whether these are all that are waited for; the spans come in the order that they began
 * @throws Error that shows what it had last, when 50 s did not bring what is expected
 */
export async function readTrace(
  queryUrl: string,
  traceId: string,
  complete: (spans: readonly ReadSpan[]) => boolean,
): Promise<readonly ReadSpan[]> {
  const untilMs = performance.now() + WAIT_MS;
  for (;;) {
    const spans = await spansOf(queryUrl, traceId);
    if (complete(spans)) return spans;
    if (performance.now() > untilMs) throw new Error(`trace ${traceId} is not complete:\n${showTrace(spans)}`);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
}

/** A line for each span, indented under the one that it is inside, in the order that they began. */
export function traceTree(spans: readonly ReadSpan[], line: (span: ReadSpan) => string): readonly string[] {
  const ids = new Set(spans.map(({ id }) => id));
  const lines: string[] = [];
  const show = (span: ReadSpan, depth: number): void => {
    lines.push("  ".repeat(depth) + line(span));
    for (const child of spans) if (child.parent === span.id) show(child, depth + 1);
  };
  for (const span of spans) if (span.parent === undefined || !ids.has(span.parent)) show(span, 0);
  return lines;
}

/** For whoever reads a failed test. */
function showTrace(spans: readonly ReadSpan[]): string {
  const all = traceTree(spans, ({ service, kind, name, attributes }) => {
    return `${service}: ${kind} ${name} ${JSON.stringify(attributes)}`;
  });
  return all.length === 0 ? "no spans" : all.join("\n");
}

async function spansOf(queryUrl: string, traceId: string): Promise<readonly ReadSpan[]> {
  const response = await fetch(`${queryUrl}/api/traces/${traceId}`);
  // Jaeger's own form; it answers 404 for a trace of which nothing has come yet.
  const { data } = (await response.json()) as { readonly data: readonly JaegerTrace[] | null };
  return (data ?? []).flatMap(({ spans, processes }) => spans.map((span) => read(span, processes))).toSorted(byStart);
}

function byStart(a: ReadSpan, b: ReadSpan): number {
  return a.startUs - b.startUs || Number(a.parent === b.id) - Number(b.parent === a.id);
}

function read(span: JaegerSpan, processes: JaegerTrace["processes"]): ReadSpan {
  const attributes = valuesOf(span.tags);
  // Before 1.76 every other reference was FOLLOWS_FROM; a link is whatever is not the parent.
  const [parent] = span.references.filter(({ refType }) => refType === "CHILD_OF");
  return {
    id: span.spanID,
    parent: parent?.spanID,
    links: span.references.filter((reference) => reference !== parent).map(({ spanID }) => spanID),
    service: processes[span.processID]?.serviceName ?? "",
    name: span.operationName,
    kind: String(attributes["span.kind"] ?? "internal"),
    startUs: span.startTime,
    durationUs: span.duration,
    attributes,
    events: span.logs.map(({ fields }) => {
      const { event, ...rest } = valuesOf(fields);
      return { name: String(event), attributes: rest };
    }),
  };
}

function valuesOf(tags: readonly JaegerTag[]): Record<string, unknown> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

interface JaegerTrace {
  readonly spans: readonly JaegerSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

interface JaegerSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly startTime: number;
  readonly duration: number;
  readonly tags: readonly JaegerTag[];
  readonly logs: readonly { readonly fields: readonly JaegerTag[] }[];
  readonly processID: string;
}

interface JaegerTag {
  readonly key: string;
  readonly value: unknown;
}
