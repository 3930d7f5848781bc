/** How the attempts at one endpoint, or at several, went. */
export interface Counts {
  readonly failures: number;
  readonly attempts: number;
}
