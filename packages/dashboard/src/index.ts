export { DASHBOARD_HEADERS, dashboardFile } from "./dashboard-file.ts";
export type { DashboardFile } from "./dashboard-file.ts";
