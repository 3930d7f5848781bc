import { NO_FIELDS } from "../head/fields.ts";
import type { BodySink, BodySource } from "../wire/body.ts";

/**
 * A body that begins once the answer has come: what a connection brings after it was switched to another protocol.
 * Whoever reads that connection writes here.
 */
export class LateBody implements BodySource {
  readonly length = -1;
  readonly chunked = false;
  readonly room = 0;
  /** Told when there is room again, after `write` has said no. */
  onRoom: () => void = () => {};
  #sink: BodySink | undefined = undefined;

  attach(sink: BodySink): void {
    this.#sink = sink;
  }

  resume(): void {
    this.onRoom();
  }

  cancel(_reason: unknown): void {
    this.#sink = undefined;
    this.onRoom(); // nobody is there any more to be waited for
  }

  /** Sends bytes on, or throws them away when nobody takes them. @returns whether more may come at once */
  write(bytes: Buffer): boolean {
    return this.#sink?.write(bytes) ?? true;
  }

  /** Nothing more will come. */
  end(): void {
    this.#sink?.end(NO_FIELDS);
    this.#sink = undefined;
  }
}
