import { describe, expect, test } from 'vitest';
import { loudness, resampled } from '../src/lib/waveform';

describe('a waveform', () => {
  test('is the loudness of each part, the loudest being 1', () => {
    const samples = Float32Array.from([0, 0, 0.5, -0.5, 0.25, -0.25]);
    expect(loudness(samples, 3)).toEqual([0, 1, 0.5]);
  });

  test('of silence is flat', () => {
    expect(loudness(new Float32Array(8), 4)).toEqual([0, 0, 0, 0]);
  });

  test('keeps its peaks at every width', () => {
    expect(resampled([0, 1, 0, 0, 0.5, 0], 3)).toEqual([1, 0, 0.5]);
    expect(resampled([0.2, 1], 4)).toEqual([0.2, 0.2, 1, 1]);
  });
});
