// For other packages of weft that read files of their own, with the same words for the same mistakes: no promise is made
// about what stands here. Apart from the index, because it loads the YAML parser.
export { readPolicyText as readText } from "./load/load-policy.ts";
export { readTree } from "./load/read-tree.ts";
export type { Tree } from "./load/read-tree.ts";
export { whyUnreadable } from "./load/why-unreadable.ts";
export { pathText } from "./problem/problem.ts";
export { either, list, oneForm, orOff, record } from "./schema/containers.ts";
export type { Fields } from "./schema/containers.ts";
export { formOf } from "./schema/find-problems.ts";
export type { Finding, Formed } from "./schema/find-problems.ts";
export { IN_JSON_SCHEMA, tidyJsonSchema } from "./schema/in-json-schema.ts";
export { duration, file, number, oneOf, ratio, text, wholeNumber, yesOrNo } from "./schema/leaves.ts";
export type { Leaf } from "./schema/leaves.ts";
export { serviceBeside, serviceSchema } from "./schema/service-schema.ts";
