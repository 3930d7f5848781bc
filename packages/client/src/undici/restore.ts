import { restoreGlobalDispatcher } from "./save.ts";

restoreGlobalDispatcher();
