// First of all modules, so that a page that is wanted dark does not flash.

/** @typedef {"auto" | "light" | "dark"} Theme */
/** @type {readonly Theme[]} */
const THEMES = ["auto", "light", "dark"];
const KEY = "weft.theme";

/** @returns {Theme} as it was last chosen here */
function chosen() {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? "auto";
  } catch {
    return "auto"; // a browser that keeps nothing
  }
}

/** @param {Theme} theme */
function apply(theme) {
  document.documentElement.dataset["theme"] = theme;
  const button = document.getElementById("theme");
  if (button === null) return;
  button.textContent = { auto: "Auto", light: "Light", dark: "Dark" }[theme];
  button.setAttribute("aria-label", `Theme: ${theme}`);
}

/** Automatic, light, dark, and again. */
export function nextTheme() {
  const next = THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length] ?? "auto";
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // It is in force all the same, until the page is loaded again.
  }
  apply(next);
}

apply(chosen());
