import { byId, el } from "./dom.js";

/** @typedef {{ readonly keys: readonly string[]; readonly about: string; readonly act?: () => void }} Shortcut */

/**
 * Single keys do what their buttons do, but where one writes. `?` lists them.
 *
 * @param {readonly Shortcut[]} shortcuts
 */
export function keys(shortcuts) {
  const dialog = byId("keys");
  if (!(dialog instanceof HTMLDialogElement)) throw new Error("#keys is no dialog");
  const list = el("dl");
  const close = el("button", { type: "button" }, "Close");
  dialog.append(el("h2", { id: "keys-title" }, "Keyboard"), list, close);
  close.addEventListener("click", () => dialog.close());
  const help = { keys: ["?"], about: "This list", act: () => (dialog.open ? dialog.close() : dialog.showModal()) };
  const all = [...shortcuts, help];
  for (const { keys: names, about } of all) {
    list.append(el("dt", {}, ...names.map((name) => el("kbd", {}, name))), el("dd", {}, about));
  }
  byId("help").addEventListener("click", help.act);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (dialog.open && event.key !== "?") return;
    const { target } = event;
    const writes = target instanceof HTMLInputElement && target.type === "search";
    if (writes || target instanceof HTMLSelectElement) {
      if (event.key === "Escape" && target instanceof HTMLElement) target.blur();
      return;
    }
    const found = all.find((one) => one.act !== undefined && one.keys.includes(event.key));
    if (found?.act === undefined) return;
    event.preventDefault();
    found.act();
  });
}
