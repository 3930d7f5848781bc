import type { Membership, Watch } from "@weft/core";

/** Resolves with the first membership of which `holds`, which may be the one that is there. */
export function until(watch: Watch, holds: (membership: Membership) => boolean): Promise<Membership> {
  const { promise, resolve } = Promise.withResolvers<Membership>();
  if (holds(watch.membership)) {
    resolve(watch.membership);
    return promise;
  }
  const stop = watch.subscribe((membership) => {
    if (!holds(membership)) return;
    stop();
    resolve(membership);
  });
  return promise;
}
