// Elements from code. Text is only ever set as text: names come from registries, and may be anything.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Readonly<Record<string, string>>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Readonly<Record<string, string | number>>} [attributes]
 * @param {...Node} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** A cell of a list's row. @param {string} className @param {...(Node | string)} children */
export function cell(className, ...children) {
  return el("span", { role: "gridcell", class: className }, ...children);
}

/** Touches the document only where something changes. @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Element} element @param {string} name @param {string} value */
export function mark(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** The element of the page that has this id. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** A value and its unit, which may be told apart by eye. @param {Element} element @param {readonly [string, string]} of */
export function sayLength(element, [value, unit]) {
  if (element.childElementCount !== 1) element.replaceChildren("", el("small"));
  const [text, small] = element.childNodes;
  if (text !== undefined && text.nodeValue !== value) text.nodeValue = value;
  if (small instanceof Element) say(small, unit === "" ? "" : ` ${unit}`);
}

/**
 * How something is, as a shape: told apart also by those who see no colours.
 *
 * @typedef {"well" | "idle" | "trouble" | "down" | "trial"} Condition
 * @type {Readonly<Record<Condition, string>>}
 */
const SHAPES = {
  well: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11z",
  idle: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11zm0 2a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7z",
  trouble: "M8 1.6l6.9 12.3H1.1z",
  trial: "M8 1.2L14.8 8L8 14.8L1.2 8zM8 4L4 8l4 4z",
  down: "M3.9 1.8L8 5.9l4.1-4.1l2.1 2.1L10.1 8l4.1 4.1l-2.1 2.1L8 10.1l-4.1 4.1l-2.1-2.1L5.9 8L1.8 3.9z",
};

/** @returns {SVGSVGElement} to be told by `shape` */
export function glyph() {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", class: "glyph", "aria-hidden": "true" },
    svg("path", { "fill-rule": "evenodd" }),
  );
}

/** @param {SVGSVGElement} glyph @param {Condition} condition */
export function shape(glyph, condition) {
  if (glyph.getAttribute("data-is") === condition) return;
  glyph.setAttribute("data-is", condition);
  glyph.firstElementChild?.setAttribute("d", SHAPES[condition]);
}
