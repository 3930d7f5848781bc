import type { Watch } from "@weft/core";

/** The same watch, with something to be done once when it is closed. */
export function closingWith(watch: Watch, after: () => void): Watch {
  const end = watch.close.bind(watch);
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    end();
    after();
  };
  // The getter `membership` must stay one, so the watch is changed rather than copied.
  return Object.assign(watch, { close });
}
