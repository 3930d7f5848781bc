import { setFlagsFromString } from "node:v8";

/**
 * Has V8 make its best code of a function after 800 calls, and not after 3,000.
 *
 * A proxy does the same for each request, so that what V8 has seen of a function by then is what it will see. Where few
 * requests come, each of them costs much more until then: a quarter of it in the first seconds with 2,000 streams of
 * HTTP/2 a second (docs/performance.md).
 *
 * The flag is read as functions are called: it counts from then on, for the whole process.
 */
export function compileEarly(): void {
  setFlagsFromString("--invocation-count-for-turbofan=800");
}
