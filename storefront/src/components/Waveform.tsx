import { useEffect, useMemo, useState, type CSSProperties } from 'react';
import { usePlayback } from '../hooks/usePlayer';
import { peaksOf, resampled, type Peaks } from '../lib/waveform';
import './Waveform.css';

interface Props {
  beatId: string;
  previewUrl: string | null;
  /** How many bars it is drawn with: more where it is wide. */
  bars: number;
  /** Whether the sound may be fetched by now; until then a plain line stands for it. */
  isWanted: boolean;
}

/** The line of a beat: its sound's shape once it was measured, filled as far as it has played. */
export function Waveform({ beatId, previewUrl, bars, isWanted }: Props) {
  const peaks = usePeaks(isWanted ? previewUrl : null);
  const played = usePlayback(({ track, position, duration }) =>
    track?.beatId === beatId && duration > 0 ? Math.round((position / duration) * 1000) / 10 : 0,
  );
  const shape = useMemo(
    () => (peaks ? barsOf(resampled(peaks, bars)) : ruled(bars)),
    [peaks, bars],
  );
  return (
    <span
      className="waveform"
      data-measured={peaks !== null || undefined}
      style={{ '--played': `${played}%` } as CSSProperties}
      aria-hidden="true"
    >
      <Bars count={bars} shape={shape} />
      <span className="waveform__played">
        <Bars count={bars} shape={shape} />
      </span>
    </span>
  );
}

function Bars({ count, shape }: { count: number; shape: string }) {
  return (
    <svg viewBox={`0 0 ${count} 100`} preserveAspectRatio="none" focusable="false">
      <path d={shape} />
    </svg>
  );
}

function usePeaks(url: string | null): Peaks | null {
  const [measured, setMeasured] = useState<{ url: string; peaks: Peaks | null } | null>(null);
  useEffect(() => {
    if (url === null) return;
    let isCurrent = true;
    void peaksOf(url).then((peaks) => {
      if (isCurrent) setMeasured({ url, peaks });
    });
    return () => {
      isCurrent = false;
    };
  }, [url]);
  return measured?.peaks ?? null;
}

/** A path of one bar a peak, in a box as wide as there are bars and 100 high. */
function barsOf(peaks: Peaks): string {
  return peaks
    .map((peak, index) => {
      const height = Math.max(4, Math.round(peak * 98));
      return `M${index + 0.18} ${50 - height / 2}h.64v${height}h-.64z`;
    })
    .join('');
}

/** A ruled line, as on tape: a mark at each quarter, taller ones at each whole. */
function ruled(bars: number): string {
  return Array.from({ length: bars }, (_, index) => {
    const height = index % 16 === 0 ? 34 : index % 4 === 0 ? 18 : 5;
    return `M${index + 0.18} ${50 - height / 2}h.64v${height}h-.64z`;
  }).join('');
}
