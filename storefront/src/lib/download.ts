import { ApiFailure, NoAnswer } from './api/failure';

// Beyond this a file goes through the browser's own download, which needs no memory for it.
const MOST_IN_MEMORY = 256 * 1024 * 1024; // bytes
const LINK_LIFE = 60_000; // milliseconds that a saved file's address stays, for slow disks

/**
 * Saves a file, telling how much of it is here (0 to 1, null while its size is unknown).
 *
 * A file host that lets no page read its files, or a file too large, leaves the saving to the
 * browser alone: then nobody can know how it ends. Raises ApiFailure, and NoAnswer when the
 * connection is lost midway.
 */
export async function download(
  url: string,
  name: string,
  onProgress: (share: number | null) => void,
): Promise<'saved' | 'handed-over'> {
  const response = await fetch(url, { credentials: 'omit' }).catch(() => null);
  if (response && !response.ok) {
    throw new ApiFailure(response, await response.json().catch(() => null));
  }
  const size = Number(response?.headers.get('Content-Length')) || null;
  if (!response?.body || (size ?? 0) > MOST_IN_MEMORY) {
    await response?.body?.cancel();
    follow(url, '');
    return 'handed-over';
  }
  const type = response.headers.get('Content-Type') ?? '';
  const address = URL.createObjectURL(await collected(response.body, type, size, onProgress));
  follow(address, `${safe(name)}.${endingOf(type)}`);
  setTimeout(() => URL.revokeObjectURL(address), LINK_LIFE);
  return 'saved';
}

async function collected(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  type: string,
  size: number | null,
  onProgress: (share: number | null) => void,
): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Blob(parts, { type });
      parts.push(value);
      received += value.length;
      onProgress(size === null ? null : received / size);
    }
  } catch (error) {
    throw new NoAnswer(error);
  }
}

function follow(address: string, fileName: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.rel = 'noreferrer';
  link.download = fileName;
  document.body.append(link);
  link.click();
  link.remove();
}

function endingOf(type: string): string {
  if (type.includes('zip')) return 'zip';
  if (type.includes('mpeg')) return 'mp3';
  return 'wav';
}

function safe(name: string): string {
  return name.replace(/[\\/:*?"<>|\p{Cc}]/gu, '-').trim() || 'beat';
}
