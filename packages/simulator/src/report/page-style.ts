/** Eight colours for lines, told apart on light and on dark ground. */
const LIGHT = ["#1f5fbf", "#c2410c", "#15803d", "#9333ea", "#b45309", "#0e7490", "#be185d", "#52525b"];
const DARK = ["#7db3ff", "#ff9d66", "#6ee7a0", "#cfa3ff", "#f7c55c", "#67d5e8", "#ff8fc4", "#b4b4bd"];

const colours = (list: readonly string[]): string => list.map((colour, i) => `--s${i}:${colour};`).join("");
const uses = LIGHT.map((_colour, i) => `.line.s${i}{stroke:var(--s${i})}.key.s${i}{background:var(--s${i})}`).join(
  "\n",
);

/** What charts are drawn with, on any page. */
export const CHART_STYLE: string = `:root{--ground:#fff;--text:#1c1c20;--faint:#6b6b76;--rule:#e3e3e8;--shade:#f3efe2;${colours(LIGHT)}}
@media (prefers-color-scheme:dark){:root{--ground:#17171b;--text:#ececf0;--faint:#a0a0ac;--rule:#33333b;--shade:#2b2820;${colours(DARK)}}}
svg text{fill:var(--faint);font:11px system-ui,sans-serif}
svg .title{fill:var(--text);font-weight:600;font-size:12px}
.grid{stroke:var(--rule)}
.shade{fill:var(--shade)}
.line{fill:none;stroke-width:1.5;stroke-linejoin:round}
${uses}`;

export const PAGE_STYLE: string = `${CHART_STYLE}
body{margin:0 auto;max-width:1400px;padding:1rem 1.5rem 3rem;background:var(--ground);color:var(--text);font:15px/1.45 system-ui,sans-serif}
h1{font-size:1.5rem;margin:1.5rem 0 .25rem}
h2{font-size:1.1rem;margin:2rem 0 .25rem}
p{color:var(--faint);margin:.25rem 0 1rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{padding:.3rem .8rem;border-bottom:1px solid var(--rule);text-align:right;font-weight:400}
th{color:var(--faint);font-size:.85rem}
td:first-child,th:first-child,td:last-child,th:last-child{text-align:left}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(22rem,1fr));gap:1rem}
figure{margin:0}
svg{width:100%;height:auto}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;margin:1rem 0 .5rem;padding:0;font-size:.9rem}
.key{display:inline-block;width:1.2em;height:.25em;margin-right:.4em;vertical-align:middle}`;
