import type { Layer, Service } from "./service.ts";

/**
 * Builds one Service out of layers around an innermost one. The first layer listed is the outermost.
 *
 *   stack([
 *     deadline(...),         // covers all attempts and the pauses between them
 *     circuitBreaker(...),   // judges the call as its caller sees it, after retries
 *     concurrencyLimit(...), // a refused call must not spend retry budget
 *     retry(...),            // outside the pick, so that each attempt may go elsewhere
 *     hedge(...),            // retry sees the two attempts as one
 *     pick(...),             // one endpoint, one lease for each attempt
 *     attemptTimeout(...),   // each attempt has its own, counted from the pick
 *   ], transport)
 *
 * @throws Error when a layer lies outside one that it must be inside of, or stands twice, naming them and the order given
 */
export function stack<Req, Res>(layers: readonly Layer<Req, Res>[], innermost: Service<Req, Res>): Service<Req, Res> {
  const order = (): string => layers.map(({ name }) => name).join(" > ");
  layers.forEach((layer, at) => {
    for (const outer of layer.inside ?? []) {
      if (layers.some((other, i) => i > at && other.name === outer)) {
        throw new Error(`layer "${layer.name}" must sit inside "${outer}"; got ${order()}`);
      }
    }
    if (layers.some((other, i) => i > at && other.name === layer.name)) {
      throw new Error(`layer "${layer.name}" stands twice; got ${order()}`);
    }
  });
  return layers.reduceRight((next, layer) => layer.wrap(next), innermost);
}
