import { ApiFailure, isTransient } from './failure';

const MOST_RETRIES = 4;
const FIRST_WAIT = 400; // milliseconds
const LONGEST_WAIT = 15_000;

/** Whether to ask once more, after `failures` failures before this one. */
export function shouldRetry(failures: number, error: unknown): boolean {
  return failures < MOST_RETRIES && isTransient(error);
}

/** Milliseconds until the next try: what the API asks for, or longer each time, never in step. */
export function retryDelay(failures: number, error: unknown): number {
  const asked = error instanceof ApiFailure ? error.retryAfter : null;
  const wait = asked === null ? FIRST_WAIT * 2 ** failures : asked * 1000;
  return Math.min(LONGEST_WAIT, wait) * (1 + Math.random() / 4);
}
