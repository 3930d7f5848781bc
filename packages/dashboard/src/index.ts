/** Where the pages are, as a file URL of a folder. */
export const PAGES: URL = new URL("../pages/", import.meta.url);
