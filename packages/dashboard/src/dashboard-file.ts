import { readdirSync, readFileSync } from "node:fs";

/** One file of the pages. All of them are text. */
export interface DashboardFile {
  /** For `Content-Type`. */
  readonly type: string;
  readonly text: string;
}

/**
 * What must go with every file. The pages load and ask nothing but what is served beside them, run no script that
 * stands in a document, and can turn no text into elements, whatever names a registry hands out.
 */
export const DASHBOARD_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
};

const PAGES = new URL("../pages/", import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

let files: ReadonlyMap<string, DashboardFile> | undefined;

/**
 * A file of the pages by its path below theirs, `main.js`; empty: the page itself. All are read when the first is asked
 * for, and nothing but them can be: a path that leads elsewhere is no name of theirs.
 *
 * @throws Error when the files of the package are not there
 */
export function dashboardFile(path: string): DashboardFile | undefined {
  files ??= readPages();
  return files.get(path === "" ? "index.html" : path);
}

function readPages(): ReadonlyMap<string, DashboardFile> {
  const found = new Map<string, DashboardFile>();
  for (const name of readdirSync(PAGES, { recursive: true, encoding: "utf8" })) {
    const path = name.replaceAll("\\", "/");
    const type = TYPES[path.slice(path.lastIndexOf(".") + 1)];
    if (type !== undefined) found.set(path, { type, text: readFileSync(new URL(path, PAGES), "utf8") });
  }
  return found;
}
