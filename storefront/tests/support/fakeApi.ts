import { vi } from 'vitest';

type Answer = Response | (() => Response | Promise<Response>);

/** An API in the place of the network; it remembers what it was asked. */
export class FakeApi {
  readonly requests: Request[] = [];
  readonly #answers = new Map<string, Answer[]>();

  constructor() {
    vi.stubGlobal('fetch', (request: Request) => this.#answer(request));
  }

  /** Answers one call after the other with these; the last one answers all that follow. */
  on(call: string, ...answers: Answer[]): this {
    this.#answers.set(call, answers);
    return this;
  }

  /** The calls of one kind, `POST /api/…`. */
  calls(call: string): Request[] {
    return this.requests.filter((request) => nameOf(request) === call);
  }

  async #answer(request: Request): Promise<Response> {
    this.requests.push(request.clone());
    const answers = this.#answers.get(nameOf(request));
    if (!answers) return failure(404, 'not_found');
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    const response = typeof answer === 'function' ? await answer() : answer;
    if (!response) throw new Error(`No answer for ${nameOf(request)}`);
    return response.clone();
  }
}

function nameOf(request: Request): string {
  return `${request.method} ${new URL(request.url).pathname}`;
}

export function success(data: unknown): Response {
  return json(200, { success: true, data });
}

export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

interface Problem {
  field: string;
  message: string;
}

export function failure(
  status: number,
  code: string,
  details: Problem[] = [],
  headers: Record<string, string> = {},
): Response {
  const error = details[0]?.message ?? `The shop says ${code}.`;
  return json(status, { success: false, error, code, details }, headers);
}
