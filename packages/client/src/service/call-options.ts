/** What one call may ask for beyond its service's policy. */
export interface CallOptions {
  /** The most the call may take, in ms, > 0. The policy's own `timeout.total` still holds when it is shorter. */
  readonly timeoutMs?: number;
  /** Whether repeating the call cannot change the result. Default: by its method, or an `idempotency-key` header. */
  readonly idempotent?: boolean;
}
