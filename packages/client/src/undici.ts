// The order matters, and modules run in the order they are imported: see undici/save.ts.
import "./undici/save.ts";
import { Agent, Client, Dispatcher, Dispatcher1Wrapper, errors } from "undici";
import "./undici/restore.ts";

/** The only way into undici for this package. */
export { Agent, Client, Dispatcher, errors };

/**
 * Makes a handler of undici 6, 7 or the fetch of Node 22 and 24 look like one of undici 8. Without it, a request through
 * a dispatcher of undici 8 would never settle there.
 */
export function wrapLegacyHandler(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  // Exported by undici 8.12 (lib/dispatcher/dispatcher1-wrapper.js), and missing from its types.
  const wrapper = Dispatcher1Wrapper as unknown as { wrapHandler(given: object): Dispatcher.DispatchHandler };
  return wrapper.wrapHandler(handler);
}

export { setGlobalDispatcher } from "undici";
