import type { ClientRequest } from "node:http";
import { DEADLINE_FIELD, ENVOYS_DEADLINE_FIELD } from "@weft/runtime";
import { deadlineFields } from "../dispatch/deadline-header.ts";
import { rewriteHead, writtenField, writtenHead } from "./written-head.ts";

/** What a request made with node:http says of the time that is left. */
export class ToldDeadline {
  readonly #request: ClientRequest;
  /** When its words were true. */
  #toldMs: number;

  /** @param startedMs when the caller wrote what stands there already */
  constructor(request: ClientRequest, startedMs: number) {
    this.#request = request;
    this.#toldMs = startedMs;
  }

  /** Says it anew: for the first attempt, and for later ones until the app writes. */
  tell(deadlineMs: number, nowMs: number): void {
    const request = this.#request;
    const head = writtenHead(request);
    const [own, envoys] = [DEADLINE_FIELD, ENVOYS_DEADLINE_FIELD].map((name) =>
      head === undefined ? request.getHeader(name)?.toString() : writtenField(head, name),
    );
    const fields = deadlineFields(own, envoys, deadlineMs - nowMs, nowMs - this.#toldMs);
    this.#toldMs = nowMs;
    if (head !== undefined) return rewriteHead(request, head, fields);
    for (let i = 0; i < fields.length; i += 2) request.setHeader(fields[i]!, fields[i + 1]!);
  }
}
