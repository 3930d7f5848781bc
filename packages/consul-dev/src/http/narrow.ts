import { compileFilter } from "../filter/compile-filter.ts";
import type { Field } from "../filter/fields.ts";
import { FilterError } from "../filter/parse-filter.ts";
import { ApiError, NO_LEADER } from "./reply.ts";
import type { World } from "./world.ts";

/**
 * Reads `filter`.
 *
 * @param fields of the rows it chooses among
 * @returns whether a row, as the answer shows it, is wanted; all are when there is no filter
 * @throws ApiError 500, as Consul answers a filter it cannot evaluate
 */
export function readFilter(params: URLSearchParams, fields: Field): (row: unknown) => boolean {
  const text = params.get("filter") ?? "";
  if (text === "") return () => true;
  try {
    return compileFilter(text, fields);
  } catch (error) {
    if (error instanceof FilterError) throw new ApiError(500, error.message, NO_LEADER);
    throw error;
  }
}

/**
 * Puts what is on the node that `near` names first; `_agent` is this agent's own. No other distance is known here, so
 * the rest keeps its order.
 */
export function nearFirst<Row extends { readonly Node: string }>(
  world: Pick<World, "nodeName">,
  params: URLSearchParams,
  rows: readonly Row[],
): readonly Row[] {
  const near = params.get("near") ?? "";
  if (near === "") return rows;
  const node = near === "_agent" ? world.nodeName : near;
  return [...rows.filter((row) => row.Node === node), ...rows.filter((row) => row.Node !== node)];
}
