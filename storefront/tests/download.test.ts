import { describe, expect, test, vi } from 'vitest';
import { ApiFailure, NoAnswer } from '../src/lib/api/failure';
import { download } from '../src/lib/download';
import { failure } from './support/fakeApi';

const URL_OF_FILE = 'http://localhost:3000/api/download/beat/night-bus?grant=g';

function answering(response: Response | Error) {
  const clicked = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockReturnValue();
  vi.stubGlobal('fetch', () =>
    response instanceof Error ? Promise.reject(response) : Promise.resolve(response),
  );
  return clicked;
}

describe('a download', () => {
  test('that is granted is the browser’s', async () => {
    const redirect = Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' });
    const clicked = answering(redirect);
    await download(URL_OF_FILE);
    expect(clicked).toHaveBeenCalledOnce();
  });

  test('that is refused is told here, and the shop stays', async () => {
    const clicked = answering(failure(401, 'grant_expired'));
    const refusal: unknown = await download(URL_OF_FILE).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ApiFailure);
    expect(refusal).toMatchObject({ status: 401, code: 'grant_expired' });
    expect(clicked).not.toHaveBeenCalled();
  });

  test('that gets no answer is told too', async () => {
    answering(new TypeError('Failed to fetch'));
    await expect(download(URL_OF_FILE)).rejects.toThrow(NoAnswer);
  });
});
