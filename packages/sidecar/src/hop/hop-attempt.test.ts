import type { Lease, Outcome } from "@weft/core";
import type { EndpointExchange, ResponseHead } from "@weft/http";
import { expect, test } from "vitest";
import type { Hop } from "./hop.ts";
import { HopAttempt } from "./hop-attempt.ts";

test("an answer that went well and is all here is given first, and then written down", () => {
  const { attempt, done } = attempting();
  attempt.answered(answer({ text: "hello" }));
  expect(done()).toEqual([
    "given",
    "sent",
    "lease answered success",
    "lease released success",
    "call answered success",
  ]);
});

test("where nobody takes it, what it says of its endpoint is written down all the same", () => {
  const { attempt, done } = attempting({ taken: false });
  attempt.answered(answer({ text: "hello" }));
  expect(done()).toEqual(["given", "lease answered success"]);
});

test.each([
  { what: "whose body is still to come", came: answer({ text: undefined }), outcome: "success", released: false },
  { what: "that became a tunnel", came: answer({ text: "", tunnel: {} }), outcome: "success", released: false },
  { what: "that failed", came: answer({ text: "no", status: 503 }), outcome: "failure", released: true },
])("an answer $what is written down before it is given", ({ came, outcome, released }) => {
  const { attempt, done } = attempting();
  attempt.answered(came);
  expect(done()).toEqual([
    `lease answered ${outcome}`,
    "given",
    ...(released ? ["lease released success"] : []),
    `call answered ${outcome}`,
    "sent",
  ]);
});

test.each([
  { what: "of gRPC", hop: { grpc: true } },
  { what: "of gRPC that is nobody's failure", hop: { grpc: true }, outcome: "ignored", grpcStatus: 1 },
  { what: "of a second attempt", hop: { first: false } },
  { what: "behind which another attempt began", hop: { next: true } },
])("an answer $what is written down before it is given, once", ({ hop, outcome = "success", grpcStatus = 0 }) => {
  const { attempt, done } = attempting(hop);
  attempt.answered(answer({ text: "", grpcStatus }));
  expect(done()).toEqual([
    `lease answered ${outcome}`,
    "given",
    `lease released ${outcome}`,
    `call answered ${outcome}`,
    "sent",
  ]);
});

test("an answer that is nobody's failure is written down once, also where its body is still to come", () => {
  const { attempt, done } = attempting({ grpc: true });
  attempt.answered(answer({ text: undefined, grpcStatus: 1 }));
  expect(done()).toEqual(["lease answered ignored", "given", "call answered ignored", "sent"]);
});

interface Told {
  readonly grpc?: boolean;
  /** Whether the attempt is the call's first. */
  readonly first?: boolean;
  readonly next?: boolean;
  readonly taken?: boolean;
}

/** An attempt, and what was done about it in the order in which it was. */
function attempting({ grpc = false, first = true, next = false, taken = true }: Told = {}) {
  const did: string[] = [];
  const hop = {
    grpc,
    attempts: undefined as unknown,
    ports: { reportsLoad: () => false, epochMs: () => 0 },
    call: { answered: ({ kind }: Outcome) => void did.push(`call answered ${kind}`) },
  };
  const lease = {
    onCut: () => {},
    answered: ({ kind }: Outcome) => void did.push(`lease answered ${kind}`),
    release: ({ kind }: Outcome) => void did.push(`lease released ${kind}`),
  };
  const attempt = new HopAttempt(hop as unknown as Hop, once(lease) as unknown as Lease);
  hop.attempts = first ? attempt : {};
  if (next) attempt.next = attempt;
  attempt.done.tell({
    kept() {
      did.push("given");
      if (!taken) return;
      attempt.deliver();
      did.push("sent");
      attempt.settle();
      attempt.settle();
    },
    broken: () => {},
  });
  return { attempt, done: () => did };
}

/** As a lease: a success or a failure counts once, and nothing behind its release. */
function once<Book extends { answered(outcome: Outcome): void; release(outcome: Outcome): void }>(book: Book): Book {
  let open = true;
  return {
    ...book,
    answered: (outcome) => {
      if (open) book.answered(outcome);
      open &&= outcome.kind === "ignored";
    },
    release: (outcome) => {
      open = false;
      book.release(outcome);
    },
  };
}

function answer(of: {
  text: string | undefined;
  status?: number;
  grpcStatus?: number;
  tunnel?: object;
}): EndpointExchange {
  const { status = 200, grpcStatus = 0 } = of;
  const head = { status, seen: 0, grpcStatus, get: () => undefined } as unknown as ResponseHead;
  return {
    head,
    atMs: 1,
    trailers: undefined,
    body: undefined,
    tunnel: undefined,
    ...of,
  } as unknown as EndpointExchange;
}
