/** A finished span, before anything of OpenTelemetry is loaded. */
export interface SpanData {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** "": it has no parent, a trace begins with it. */
  readonly parentSpanId: string;
  /** Whether the parent is another process's. */
  readonly parentRemote: boolean;
  /** Whether those who came after were asked to record. False for a span that was kept for how its call ended. */
  readonly sampled: boolean;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since 1970, with fractions. */
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly status: SpanStatus;
}

export type SpanKind = "server" | "client" | "internal";

export type Attributes = Readonly<Record<string, AttributeValue>>;

export type AttributeValue = string | number | boolean | readonly string[];

/** Something that happened while the span ran. */
export interface SpanEvent {
  readonly name: string;
  readonly epochMs: number;
  readonly attributes: Attributes;
}

/** Another span that this one has to do with, and is no child of. */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  readonly attributes: Attributes;
}

/** `message` says what the other attributes do not. "": nothing more. */
export type SpanStatus = { readonly kind: "unset" } | { readonly kind: "error"; readonly message: string };

/** Takes finished spans. */
export interface SpanSink {
  /** Never throws, never waits: a span for which there is no room is dropped. */
  write(span: SpanData): void;
  /** Spans that never arrived: no room in the queue, refused by the collector, or it was away. Only grows. */
  readonly dropped: number;
  /** Sends what is left, for a bounded time, and frees what it holds. Later spans are dropped. */
  close(): Promise<void>;
}
