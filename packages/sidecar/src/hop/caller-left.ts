/** Why a call ended that its caller gave up. */
export class CallerLeft extends Error {
  readonly code = "ABORTED";
}
