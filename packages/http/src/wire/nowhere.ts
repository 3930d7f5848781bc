import type { BodySink } from "./body.ts";

/** Takes a body that nobody wants, so that its connection can serve again. */
export const NOWHERE: BodySink = {
  takesChunks: true,
  keeps: false,
  write: () => true,
  end: () => {},
  fail: () => {},
};
