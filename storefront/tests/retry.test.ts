import { describe, expect, test } from 'vitest';
import { ApiFailure, NoAnswer, sentenceOf } from '../src/lib/api/failure';
import { retryDelay, shouldRetry } from '../src/lib/api/retry';
import { pollPause } from '../src/lib/orders';

const failed = (status: number, headers: Record<string, string> = {}) =>
  new ApiFailure(new Response(null, { status, headers }), null);

describe('retries', () => {
  test.each([429, 500, 502, 503, 504])('follow a %d', (status) => {
    expect(shouldRetry(0, failed(status))).toBe(true);
  });

  test.each([400, 401, 403, 404, 409, 413])('never follow a %d: the answer is no', (status) => {
    expect(shouldRetry(0, failed(status))).toBe(false);
  });

  test('follow a lost connection, and end', () => {
    const lost = new NoAnswer(new TypeError('Failed to fetch'));
    expect(shouldRetry(0, lost)).toBe(true);
    expect(shouldRetry(4, lost)).toBe(false);
  });

  test('wait as long as the API asks', () => {
    const delay = retryDelay(0, failed(503, { 'Retry-After': '3' }));
    expect(delay).toBeGreaterThanOrEqual(3000);
    expect(delay).toBeLessThan(3751);
  });

  test('wait longer each time otherwise', () => {
    const delays = [0, 1, 2, 3].map((failures) => retryDelay(failures, failed(500)));
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
  });

  test('a header that is no number is as none', () => {
    expect(failed(503, { 'Retry-After': 'soon' }).retryAfter).toBeNull();
  });
});

describe('looks at an order', () => {
  test('come a second apart at first, and ever less often', () => {
    expect(pollPause(0)).toBe(1000);
    expect(pollPause(5)).toBeGreaterThan(pollPause(4));
    expect(pollPause(1000)).toBe(15_000);
  });
});

describe('sentences', () => {
  test('are the API’s own where it gave one', () => {
    const response = new Response(null, { status: 400 });
    const failure = new ApiFailure(response, { success: false, error: 'No.', code: 'no' });
    expect(sentenceOf(failure)).toBe('No.');
  });

  test('are never a program’s', () => {
    expect(sentenceOf(new TypeError('undefined is not a function'))).not.toMatch(/undefined/);
    expect(sentenceOf(failed(502))).toMatch(/try again/);
  });
});
