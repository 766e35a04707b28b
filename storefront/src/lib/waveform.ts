import { fetchInTime } from './api/client';

/** The loudness of a recording at even steps, each from 0 to 1. */
export type Peaks = readonly number[];

const PEAK_COUNT = 288;

const known = new Map<string, Promise<Peaks | null>>();

/**
 * The loudness of a preview, measured from its sound; null where it can't be had, since a shop is
 * none the worse without. Asked again, it costs nothing; one that failed is tried again.
 */
export function peaksOf(url: string): Promise<Peaks | null> {
  let peaks = known.get(url);
  if (!peaks) {
    peaks = measure(url).catch((error: unknown) => {
      console.info('No waveform for a preview.', error);
      known.delete(url);
      return null;
    });
    known.set(url, peaks);
  }
  return peaks;
}

async function measure(url: string): Promise<Peaks> {
  const response = await fetchInTime(new Request(url, { credentials: 'omit' }));
  if (!response.ok) throw new Error(`The preview answered ${response.status}.`);
  const decoder = new OfflineAudioContext(1, 1, 44_100);
  const sound = await decoder.decodeAudioData(await response.arrayBuffer());
  return loudness(sound.getChannelData(0), PEAK_COUNT);
}

/** The root mean square of each of `count` even parts, the loudest being 1. */
export function loudness(samples: Float32Array, count: number): number[] {
  const step = samples.length / count;
  const parts = Array.from({ length: count }, (_, index) => {
    const part = samples.subarray(Math.floor(index * step), Math.floor((index + 1) * step));
    const sum = part.reduce((total, sample) => total + sample * sample, 0);
    return Math.sqrt(sum / Math.max(1, part.length));
  });
  const loudest = Math.max(...parts, Number.EPSILON);
  return parts.map((part) => part / loudest);
}

/** The peaks in another number of even steps, each the loudest of what it takes in. */
export function resampled(peaks: Peaks, count: number): Peaks {
  const step = peaks.length / count;
  return Array.from({ length: count }, (_, index) => {
    const first = Math.floor(index * step);
    return Math.max(...peaks.slice(first, Math.max(first + 1, Math.floor((index + 1) * step))));
  });
}
