import { el, mark } from "./dom.js";

/**
 * @template Item
 * @typedef {object} RowsOptions
 * @property {HTMLElement} grid what scrolls; it has the role grid, a name, and a header that stays in sight as its first child
 * @property {number} height of a row, in px
 * @property {string} id begins the ids of the rows
 * @property {(row: HTMLElement) => (item: Item | undefined, at: number) => void} make fills a new row with cells, and
 *   returns what shows an item in them; undefined: it is not known yet
 * @property {(at: number) => void} chosen a row was clicked, or Enter was pressed on it
 * @property {() => void} [moved] other rows are in sight
 * @property {(at: number) => boolean} [isChosen]
 */

/** Rows beyond those in sight, above and below: so that scrolling shows them at once. */
const SPARE = 4;

/**
 * A list of any length, of which only the rows in sight are elements. It is one stop of the tab key; arrows, Home, End
 * and Page keys move a mark within.
 *
 * @template Item
 * @param {RowsOptions<Item>} options
 */
export function rows({ grid, height, id, make, chosen, moved, isChosen }) {
  const head = grid.firstElementChild;
  const headHeight = () => (head instanceof HTMLElement ? head.offsetHeight : 0);
  const space = el("div", { role: "presentation", class: "space" });
  grid.append(space);
  grid.tabIndex = 0;
  /** @type {Map<number, { row: HTMLElement; show: (item: Item | undefined, at: number) => void }>} by place in the list */
  const shown = new Map();
  /** @type {{ row: HTMLElement; show: (item: Item | undefined, at: number) => void }[]} */
  const spare = [];
  let total = 0;
  let active = 0;
  /** @type {(at: number) => Item | undefined} */
  let itemAt = () => undefined;

  function draw() {
    const { first, last } = sight();
    for (const [at, one] of shown) {
      if (at >= first && at < last) continue;
      shown.delete(at);
      one.row.hidden = true;
      one.row.removeAttribute("id");
      spare.push(one);
    }
    for (let at = first; at < last; at++) {
      const one = shown.get(at) ?? taken();
      shown.set(at, one);
      one.row.hidden = false;
      one.row.style.transform = `translateY(${at * height}px)`;
      mark(one.row, "id", `${id}-${at}`);
      mark(one.row, "aria-rowindex", String(at + 2));
      mark(one.row, "aria-selected", String(isChosen?.(at) ?? false));
      one.row.classList.toggle("active", at === active);
      one.show(itemAt(at), at);
    }
    if (total > 0 && active >= first && active < last) mark(grid, "aria-activedescendant", `${id}-${active}`);
    else grid.removeAttribute("aria-activedescendant");
  }

  function taken() {
    const old = spare.pop();
    if (old !== undefined) return old;
    const row = el("div", { role: "row", class: "row" });
    const one = { row, show: make(row) };
    space.append(row);
    return one;
  }

  function sight() {
    const first = Math.max(0, Math.floor(grid.scrollTop / height) - SPARE);
    const last = Math.min(total, Math.ceil((grid.scrollTop + grid.clientHeight - headHeight()) / height) + SPARE);
    return { first, last };
  }

  /** @param {number} at */
  function moveTo(at) {
    if (total === 0) return;
    active = Math.max(0, Math.min(total - 1, at));
    const top = active * height;
    const room = grid.clientHeight - headHeight();
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top + height > grid.scrollTop + room) grid.scrollTop = top + height - room;
    draw();
  }

  grid.addEventListener("scroll", () => (draw(), moved?.()), { passive: true });
  grid.addEventListener("click", (event) => {
    const row = event.target instanceof Element ? event.target.closest(".row") : null;
    const at = [...shown].find(([, one]) => one.row === row)?.[0];
    if (at === undefined) return;
    moveTo(at);
    chosen(at);
  });
  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((grid.clientHeight - headHeight()) / height) - 1);
    /** @type {Readonly<Record<string, number>>} */
    const to = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: total - 1,
    };
    const at = to[event.key];
    if (at !== undefined) moveTo(at);
    else if ((event.key === "Enter" || event.key === " ") && total > 0) chosen(active);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(() => (draw(), moved?.())).observe(grid);

  return {
    /** @param {number} count @param {(at: number) => Item | undefined} item */
    update(count, item) {
      if (count !== total) {
        total = count;
        space.style.height = `${total * height}px`;
        mark(grid, "aria-rowcount", String(total + 1));
        active = Math.max(0, Math.min(active, total - 1));
      }
      itemAt = item;
      draw();
    },
    /** The places in the list that can be seen, spare rows included. */
    sight,
    moveTo,
    /** To the start, as for another list. */
    reset() {
      active = 0;
      grid.scrollTop = 0;
    },
    /** Where the middle of a row is, in px from the top of the list as it is seen. @param {number} at */
    middleOf: (at) => headHeight() + at * height + height / 2 - grid.scrollTop,
  };
}
