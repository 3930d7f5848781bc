import { DASHBOARD_HEADERS, dashboardFile } from "@weft/dashboard";
import type { AdminRequest } from "./admin-query.ts";
import { Problem, type Reply } from "./reply.ts";

const ROOT = "/dashboard/";

/** A file of the dashboard. Its links are relative to the folder, so the folder's name must end with a slash. */
export function dashboardReply({ path }: AdminRequest): Reply {
  if (path === "/dashboard") return { status: 308, type: "text/plain", body: "", headers: { Location: ROOT } };
  const file = dashboardFile(path.slice(ROOT.length));
  if (file === undefined)
    throw new Problem(404, `the dashboard has no ${path.slice(ROOT.length, 100)}; it is at ${ROOT}`);
  return { status: 200, type: file.type, body: file.text, headers: DASHBOARD_HEADERS };
}
