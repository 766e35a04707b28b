import type { components } from './schema';

type Failure = components['schemas']['Failure'];
export type FieldProblem = components['schemas']['FieldProblem'];

/** An error whose message is a sentence for the buyer. */
export class ForBuyers extends Error {}

/** The API's no, in its own words. */
export class ApiFailure extends ForBuyers {
  readonly status: number;
  readonly code: string;
  readonly details: FieldProblem[];
  readonly requestId: string | null;
  /** Seconds after which to ask again, where the API said so. */
  readonly retryAfter: number | null;

  constructor(response: Response, body: unknown) {
    const failure = isFailure(body) ? body : null;
    super(failure?.error ?? 'The shop gave an answer that could not be read. Please try again.');
    this.name = 'ApiFailure';
    this.status = response.status;
    this.code = failure?.code ?? 'unreadable';
    this.details = failure?.details ?? [];
    this.requestId = failure?.requestId ?? response.headers.get('X-Request-ID');
    this.retryAfter = secondsOf(response.headers.get('Retry-After'));
  }
}

/** No answer came: this device is offline, or the shop is. */
export class NoAnswer extends ForBuyers {
  constructor(cause: unknown) {
    super('The shop can’t be reached. Check your connection, then try again.', { cause });
    this.name = 'NoAnswer';
  }
}

/** Whether the same call may well succeed in a while. */
export function isTransient(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  return error instanceof ApiFailure && [429, 500, 502, 503, 504].includes(error.status);
}

/** A sentence for the buyer, whatever was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ForBuyers) return error.message;
  return 'Something went wrong on this page. Reload it and try again.';
}

function isFailure(body: unknown): body is Failure {
  return (
    typeof body === 'object' &&
    body !== null &&
    'error' in body &&
    typeof body.error === 'string' &&
    'code' in body &&
    typeof body.code === 'string'
  );
}

function secondsOf(header: string | null): number | null {
  const seconds = Number(header);
  return header !== null && Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
