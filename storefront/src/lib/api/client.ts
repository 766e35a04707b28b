import createClient from 'openapi-fetch';
import type { paths } from './schema';
import { ApiFailure, NoAnswer } from './failure';

/** Where the API is: this shop's own origin, unless the build named another. */
export const API_URL: string = (import.meta.env.VITE_API_URL ?? '').replace(/\/$/, '');

const PATIENCE = 30_000; // milliseconds for an answer, to its last byte

/** fetch with an end to it: what hangs for so long is as good as lost. */
export function fetchInTime(request: Request): Promise<Response> {
  // As AbortSignal.any and .timeout, of which the older browsers that we build for lack the first.
  const { signal } = request;
  const end = new AbortController();
  const giveUp = () => end.abort(signal.reason);
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  setTimeout(() => end.abort(new DOMException('No answer in time.', 'TimeoutError')), PATIENCE);
  // Looked up at each call, so that tests can take its place.
  return fetch(request, { signal: end.signal }).catch((error: unknown) => {
    end.signal.throwIfAborted(); // for our own reason, which older browsers do not hand on
    throw error;
  });
}

export const api = createClient<paths>({
  baseUrl: API_URL || window.location.origin,
  fetch: fetchInTime,
});

interface Answer<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** What the API answered; raises ApiFailure for its no and NoAnswer for none. */
export async function answerOf<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    if (error instanceof SyntaxError)
      throw new ApiFailure(new Response(null, { status: 502 }), null);
    throw new NoAnswer(error);
  }
  if (answer.data === undefined) throw new ApiFailure(answer.response, answer.error);
  return answer.data;
}
