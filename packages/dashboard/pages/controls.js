/** @import { View } from "./view.js" */
import { byId } from "./dom.js";
import { ORDERS } from "./view.js";

/**
 * Fields and boxes that say what is looked at.
 *
 * @param {(change: Partial<View>) => void} changed
 */
export function controls(changed) {
  const [find, like] = [input("find"), input("like")];
  const [out, all, failed] = [input("out"), input("all"), input("failed")];
  const order = byId("order");
  if (!(order instanceof HTMLSelectElement)) throw new Error("#order is no select");
  find.addEventListener("input", () => changed({ find: find.value }));
  like.addEventListener("input", () => changed({ like: like.value }));
  out.addEventListener("change", () => changed({ out: out.checked }));
  all.addEventListener("change", () => changed({ all: all.checked }));
  failed.addEventListener("change", () => changed({ failed: failed.checked }));
  order.addEventListener("change", () => {
    const chosen = ORDERS.find((one) => one === order.value);
    if (chosen !== undefined) changed({ order: chosen });
  });
  return {
    /** @param {View} view */
    show(view) {
      // Not while one writes: the mark would jump.
      if (find.value !== view.find) find.value = view.find;
      if (like.value !== view.like) like.value = view.like;
      [out.checked, all.checked, failed.checked] = [view.out, view.all, view.failed];
      order.value = view.order;
    },
  };
}

/** @param {string} id */
function input(id) {
  const found = byId(id);
  if (!(found instanceof HTMLInputElement)) throw new Error(`#${id} is no input`);
  return found;
}
