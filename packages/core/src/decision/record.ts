/*
 * How a record lies in the ring of decisions.
 *
 *   every record   0 kind, 1 its number, 2 instant, 3 call, 4 attempt, 5 node, 6 verdict, 7 and 8 by kind
 *   attempt        7 elapsed ms, 8 failures in a row, 9 until when the node is ejected, 10 by which rule
 *   retry, hedge   7 ms, 8 budget left; of a retry denied by the cap 9 retries under way, 10 how many may be; of one left
 *                  to the caller 9 which attempt that is, 10 of how many, 11 who it is
 *   refusal        7 the number that was over
 *   pick           7 members, 8 available, 9 ejected, 10 typical ms, 11 compared, 12 unhealthy, 13 draws, 14 absent,
 *                  15 group (below 0: beyond it), 16 node of the session, 17 until when that is ejected;
 *                  6 is the verdict, and so many times SESSION more what became of the session, from 1 on;
 *                  then the draws, four numbers for each absent node, and eight for each candidate
 */
export const PICK = 1;
export const ATTEMPT = 2;
export const RETRY = 3;
export const REFUSAL = 4;
export const HEDGE = 5;
export const BREAKER = 6;

/** Numbers drawn by a picker that are kept. */
export const DRAWS = 4;
export const DRAWS_AT = 18;
/** There are fewer verdicts of a pick. */
export const SESSION = 32;
/** Endpoints out of traffic that are kept: node, why, until when, and what ejected it. */
export const MOST_ABSENT = 3;
export const ABSENT_WIDTH = 4;
export const ABSENT: number = DRAWS_AT + DRAWS;
/** Candidates that are kept: see pick-record.ts for the numbers of one. */
export const CANDIDATES = 4;
export const CANDIDATE_WIDTH = 8;
export const CANDIDATES_AT: number = ABSENT + MOST_ABSENT * ABSENT_WIDTH;

/** Numbers in one record, 528 bytes. */
export const RECORD_WIDTH: number = CANDIDATES_AT + CANDIDATES * CANDIDATE_WIDTH;
