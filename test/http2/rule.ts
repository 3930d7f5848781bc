import type { Code } from "./frames.ts";
import type { Scene, State } from "./scene.ts";

/** Who weft is on the connection. */
export type Role = "server" | "client";

/** What weft makes of what a peer sent. */
export type Verdict =
  /** GOAWAY with this code, and the connection ends. */
  | { readonly kind: "connection error"; readonly code: Code }
  /** RST_STREAM with this code; the connection goes on. */
  | { readonly kind: "stream error"; readonly code: Code }
  /** Neither; the connection goes on, and so does the stream. */
  | { readonly kind: "ignored" }
  /** The request is answered; the connection goes on. */
  | { readonly kind: "answered"; readonly status: number };

/** A rule about what a peer may send, and what weft does when it does not hold to it. */
export interface Rule {
  /** Of RFC 9113, unless it names another: "6.5.2", "RFC 8441 4". */
  readonly section: string;
  /** What is sent, in our words. */
  readonly when: string;
  /** The state of the stream meanwhile. Default "open". */
  readonly state?: State;
  /** Default both. */
  readonly roles?: readonly Role[];
  readonly sends: (scene: Scene) => Uint8Array;
  readonly verdict: Verdict;
}

/** Something that weft has to do by itself, or that takes more than one step to see. */
export interface Story {
  readonly section: string;
  readonly when: string;
  readonly role: Role;
  /** What weft does, for the page. */
  readonly does: string;
  readonly run: () => Promise<void>;
}

export function connectionError(code: Code): Verdict {
  return { kind: "connection error", code };
}

export function streamError(code: Code): Verdict {
  return { kind: "stream error", code };
}

export const IGNORED: Verdict = { kind: "ignored" };

export function answered(status: number): Verdict {
  return { kind: "answered", status };
}

export function inWords(verdict: Verdict): string {
  switch (verdict.kind) {
    case "connection error":
    case "stream error":
      return `${verdict.kind} ${verdict.code}`;
    case "ignored":
      return "goes on";
    case "answered":
      return `answers ${verdict.status}`;
    default:
      return verdict satisfies never;
  }
}

/** What stands in the title of the test and in the page. */
export function titleOf(one: Rule | Story): string {
  const what = "verdict" in one ? inWords(one.verdict) : one.does;
  return `${one.section} ${one.when}: ${what}`;
}

export function rolesOf(one: Rule | Story): readonly Role[] {
  return "role" in one ? [one.role] : (one.roles ?? ["server", "client"]);
}
