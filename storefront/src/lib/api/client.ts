import createClient from 'openapi-fetch';
import type { paths } from './schema';
import { ApiFailure, NoAnswer } from './failure';

/** Where the API is: this shop's own origin, unless the build named another. */
export const API_URL: string = (import.meta.env.VITE_API_URL ?? '').replace(/\/$/, '');

// fetch is looked up at each call, so that tests can take its place.
export const api = createClient<paths>({
  baseUrl: API_URL || window.location.origin,
  fetch: (request) => fetch(request),
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
