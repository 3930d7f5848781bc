import type NodeHttp from "node:http";
import { restoreGlobalDispatcher } from "./save.ts";

/*
 * node:http for this package. `import` of it as an ES module reads every export, in Node 26 also `WebSocket`, which
 * loads the undici built into Node, which then puts itself where undici 6 and 7 had set their dispatcher. Node does so
 * while it links the modules, before `save` could run; asked for in this way, it does not.
 */
export const http: typeof NodeHttp = process.getBuiltinModule("node:http");

restoreGlobalDispatcher();
