import { expectTypeOf, test } from "vitest";
import type {
  CallPage,
  EndedCall,
  EndpointPage,
  Explanation,
  Overview,
} from "../../packages/dashboard/pages/types.d.ts";
import type { ShownCall } from "../../packages/sidecar/src/admin/show-calls.ts";
import type { ShownExplanation } from "../../packages/sidecar/src/admin/show-explanation.ts";
import type { ShownOverview } from "../../packages/sidecar/src/admin/show-overview.ts";
import type { ShownService } from "../../packages/sidecar/src/admin/show-service.ts";

// The pages are files for a browser, without a build step or a package to import from: they say themselves what they
// read. That the admin API answers so is checked here, by the compiler.
test("the admin API answers what the pages say that they read", () => {
  expectTypeOf<ShownOverview>().toExtend<Overview>();
  expectTypeOf<ShownService>().toExtend<EndpointPage>();
  expectTypeOf<ShownCall>().toExtend<EndedCall>();
  expectTypeOf<{ readonly newest: number; readonly calls: readonly ShownCall[] }>().toExtend<CallPage>();
  expectTypeOf<Omit<ShownExplanation, "decisions">>().toExtend<Omit<Explanation, "decisions">>();
});
