import { ApiError } from "../http/reply.ts";

/** What an agent says of names it does not know. The words are Consul's. */
export const refusals = {
  deregistering: (id: string): ApiError =>
    new ApiError(404, `Unknown service ID "${id}". Ensure that the service ID is passed, not the service name.`),
  maintaining: (id: string): ApiError => new ApiError(404, `No service registered with ID "${id}"`),
  checkOf: (serviceId: string): ApiError => new ApiError(500, `ServiceID "${serviceId}" does not exist`),
  check: (id: string): ApiError =>
    new ApiError(404, `Unknown check ID "${id}". Ensure that the check ID is passed, not the check name.`),
  noTtl: (id: string): ApiError => new ApiError(500, `CheckID "${id}" does not have associated TTL`),
} as const;
