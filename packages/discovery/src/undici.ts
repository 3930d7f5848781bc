// Modules run in the order of their imports, and this order matters: see undici/save.ts.
import "./undici/save.ts";
import { buildConnector, Pool } from "undici";
import "./undici/restore.ts";

/** The only way into undici for this package. */
export { buildConnector, Pool };
