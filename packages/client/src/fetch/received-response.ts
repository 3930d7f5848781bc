import { ReceivedHeaders, type WireHeaders } from "./received-headers.ts";
import { watchUnread } from "./unread-bodies.ts";

/** The head of a response. */
export interface ResponseHead {
  /** 200 to 599. */
  readonly status: number;
  readonly statusText: string;
  readonly headers: WireHeaders;
  readonly url: string;
}

// These are accessors and a method of the prototype; the declarations call them fields, which a class may not override.
const NativeResponse = Response as unknown as new (
  ...given: ConstructorParameters<typeof Response>
) => Omit<Response, "url" | "type" | "headers" | "clone"> & { clone(): Response };

/**
 * A native `Response` that knows where it came from, as one made by fetch does.
 *
 * The constructor of `Response` offers no way to set `url`, `type` and headers that cannot be changed. Its headers are
 * made when they are first looked at: many callers look at the status only.
 */
export class ReceivedResponse extends NativeResponse {
  readonly #head: ResponseHead;
  #headers: ReceivedHeaders | undefined = undefined;

  constructor(body: ReadableStream<Uint8Array> | null, head: ResponseHead) {
    const contentType = head.headers["content-type"];
    // `blob()` and `formData()` look at the content type of the native response itself.
    super(body, {
      status: head.status,
      statusText: head.statusText,
      headers: contentType === undefined ? undefined : { "content-type": String(contentType) },
    });
    this.#head = head;
  }

  get url(): string {
    return this.#head.url;
  }

  get type(): "basic" {
    return "basic";
  }

  get headers(): Headers {
    this.#headers ??= new ReceivedHeaders(this.#head.headers);
    return this.#headers;
  }

  override clone(): Response {
    const twin = super.clone();
    const clone = new ReceivedResponse(twin.body, this.#head);
    // Both now read from new streams.
    watchUnread(this);
    watchUnread(clone);
    return clone;
  }
}

// Seen from outside it is a Response.
Object.defineProperty(ReceivedResponse.prototype, "constructor", {
  value: Response,
  writable: true,
  configurable: true,
});
