// Numbers for people. What is not known is a dash, never a zero.

export const NONE = "–";
const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** @param {number} value */
export function count(value) {
  return GROUPED.format(value);
}

/** Three digits that count. @param {number | undefined} perSecond */
export function rate(perSecond) {
  if (perSecond === undefined) return NONE;
  if (perSecond === 0) return "0";
  return perSecond < 0.1 ? "<0.1" : perSecond < 99.95 ? perSecond.toFixed(1) : count(perSecond);
}

/** Never 100 % while one failed, never 0 % while one came out well. @param {number | undefined} ratio */
export function percent(ratio) {
  if (ratio === undefined) return NONE;
  if (ratio === 1 || ratio === 0) return `${ratio * 100}`;
  const shown = ratio * 100;
  if (shown > 99.99) return ">99.99";
  if (shown < 0.01) return "<0.01";
  return shown >= 99.9 ? shown.toFixed(2) : shown.toFixed(1);
}

/**
 * A length of time with its unit.
 *
 * @param {number | null | undefined} ms
 * @returns {readonly [value: string, unit: string]}
 */
export function length(ms) {
  if (ms === undefined || ms === null) return [NONE, ""];
  if (ms < 9.95) return [ms.toFixed(1), "ms"];
  if (ms < 999.5) return [ms.toFixed(0), "ms"];
  if (ms < 59_950) return [(ms / 1000).toFixed(ms < 9_950 ? 2 : 1), "s"];
  if (ms < 3_599_500) return [(ms / 60_000).toFixed(1), "min"];
  if (ms < 172_800_000) return [(ms / 3_600_000).toFixed(1), "h"];
  return [(ms / 86_400_000).toFixed(1), "d"];
}

/** @param {number | null | undefined} ms */
export function lengthText(ms) {
  const [value, unit] = length(ms);
  return unit === "" ? value : `${value} ${unit}`;
}

/** How long something is ago or away, without more digits than one can follow. @param {number} ms */
export function about(ms) {
  const s = Math.max(0, ms) / 1000;
  if (s < 9.95) return `${s.toFixed(1)} s`;
  if (s < 119.5) return `${Math.round(s)} s`;
  if (s < 7_170) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} d`;
}

/** Time of day to the millisecond. @param {number} epochMs */
export function clock(epochMs) {
  const ms = String(Math.floor(epochMs) % 1000).padStart(3, "0");
  return `${CLOCK.format(epochMs)}.${ms}`;
}

/** @param {number} value @param {string} one @param {string} [many] */
export function plural(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}
