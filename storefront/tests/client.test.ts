import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { answerOf, api } from '../src/lib/api/client';
import { NoAnswer } from '../src/lib/api/failure';
import { download } from '../src/lib/download';
import { peaksOf } from '../src/lib/waveform';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A network that never answers; what it throws when it is told to stop is the browser's. */
function hangingNetwork(thrown?: unknown): void {
  vi.stubGlobal('fetch', (_: Request, { signal }: RequestInit) => {
    return new Promise((_resolve, reject) => {
      const stop = () => reject((thrown ?? signal?.reason) as Error);
      if (signal?.aborted) stop();
      signal?.addEventListener('abort', stop);
    });
  });
}

const outcome = (call: Promise<unknown>) => call.catch((error: unknown) => error);
const ask = (signal?: AbortSignal) =>
  outcome(answerOf(api.GET('/api/licenses', signal ? { signal } : {})));

describe('an API that never answers', () => {
  test.each([
    ['our own reason', undefined],
    ['an AbortError, as older ones do', new DOMException('Aborted.', 'AbortError')],
  ])('is given up after 30 s, in a browser that throws %s', async (_, thrown) => {
    hangingNetwork(thrown);
    const settled = vi.fn();
    const asked = ask().then((error) => (settled(), error));
    await vi.advanceTimersByTimeAsync(29_000);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await asked).toBeInstanceOf(NoAnswer);
  });

  test('holds up no download either', async () => {
    hangingNetwork();
    const asked = outcome(download('http://localhost:3000/api/download/beat/night-bus'));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await asked).toBeInstanceOf(NoAnswer);
  });

  test('holds up no waveform, which is tried again when it is wanted again', async () => {
    vi.spyOn(console, 'info').mockReturnValue();
    hangingNetwork();
    const measured = vi.fn();
    for (const tries of [1, 2]) {
      void peaksOf('https://previews.example/night-bus.mp3').then(measured);
      await vi.advanceTimersByTimeAsync(29_000);
      expect(measured).toHaveBeenCalledTimes(tries - 1);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(measured).toHaveBeenCalledTimes(tries);
    }
    expect(measured).toHaveBeenLastCalledWith(null);
  });

  test('can be turned away from before, which is no failure of it', async () => {
    hangingNetwork();
    const caller = new AbortController();
    const asked = ask(caller.signal);
    caller.abort();
    expect(await asked).toMatchObject({ name: 'AbortError' });
  });

  test('is not even asked by who has turned away already', async () => {
    hangingNetwork();
    expect(await ask(AbortSignal.abort())).toMatchObject({ name: 'AbortError' });
  });
});
