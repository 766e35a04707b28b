import { fetchInTime } from './api/client';
import { ApiFailure, NoAnswer } from './api/failure';

/**
 * Has the browser save a file: it can go on after a broken connection, and needs no memory for it.
 *
 * The API answers a download with a redirect to the file's host, or with its no. It is asked first
 * without following it, since a no that the browser were sent to would take the shop's place.
 * Raises ApiFailure and NoAnswer.
 */
export async function download(url: string): Promise<void> {
  const options: RequestInit = { redirect: 'manual', credentials: 'omit', cache: 'no-store' };
  const response = await fetchInTime(new Request(url, options)).catch((error: unknown) => {
    throw new NoAnswer(error);
  });
  const isGranted = response.type === 'opaqueredirect' || response.ok;
  if (!isGranted) throw new ApiFailure(response, await response.json().catch(() => null));
  const link = document.createElement('a');
  link.href = url;
  link.rel = 'noreferrer';
  link.click();
}
