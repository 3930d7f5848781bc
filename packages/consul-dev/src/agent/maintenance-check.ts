import type { CheckSpec, ServiceSpec } from "../store/rows.ts";

/** Id of the check that stands for the maintenance of one service, or of the node when none is named. */
export function maintenanceId(serviceId: string | undefined): string {
  return serviceId === undefined ? "_node_maintenance" : `_service_maintenance:${serviceId}`;
}

/** The check itself. @param reason of the operator; "" for Consul's own words */
export function maintenanceCheck(service: ServiceSpec | undefined, reason: string): CheckSpec {
  const [what, title] = service === undefined ? ["node", "Node"] : ["service", "Service"];
  return {
    CheckID: maintenanceId(service?.ID),
    Name: `${title} Maintenance Mode`,
    Status: "critical",
    Notes:
      reason || `Maintenance mode is enabled for this ${what}, but no reason was provided. This is a default message.`,
    Output: "",
    ServiceID: service?.ID ?? "",
    ServiceName: service?.Service ?? "",
    ServiceTags: service?.Tags ?? [],
    Type: "maintenance",
  };
}
