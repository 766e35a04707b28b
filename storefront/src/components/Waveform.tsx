import { useEffect, useState, type CSSProperties } from 'react';
import { usePlayback } from '../hooks/usePlayer';
import { PEAK_COUNT, peaksOf, type Peaks } from '../lib/waveform';
import './Waveform.css';

interface Props {
  beatId: string;
  previewUrl: string | null;
  /** Whether the sound may be fetched by now; until then a plain line stands for it. */
  isWanted: boolean;
}

/** The line of a beat: its sound's shape once it was measured, filled as far as it has played. */
export function Waveform({ beatId, previewUrl, isWanted }: Props) {
  const peaks = usePeaks(isWanted ? previewUrl : null);
  const played = usePlayback(({ track, position, duration }) =>
    track?.beatId === beatId && duration > 0 ? Math.round((position / duration) * 1000) / 10 : 0,
  );
  const shape = peaks ? barsOf(peaks) : LINE;
  return (
    <span
      className="waveform"
      data-measured={peaks !== null || undefined}
      style={{ '--played': `${played}%` } as CSSProperties}
      aria-hidden="true"
    >
      <Bars shape={shape} />
      <span className="waveform__played">
        <Bars shape={shape} />
      </span>
    </span>
  );
}

function Bars({ shape }: { shape: string }) {
  return (
    <svg viewBox={`0 0 ${PEAK_COUNT} 100`} preserveAspectRatio="none" focusable="false">
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

/** A path of one bar a peak, in a box of PEAK_COUNT by 100. */
function barsOf(peaks: Peaks): string {
  return peaks
    .map((peak, index) => {
      const height = Math.max(4, Math.round(peak * 98));
      return `M${index + 0.18} ${50 - height / 2}h.64v${height}h-.64z`;
    })
    .join('');
}

/** A ruled line, as on tape: a mark at each quarter, taller ones at each whole. */
const LINE = Array.from({ length: PEAK_COUNT }, (_, index) => {
  const height = index % 16 === 0 ? 34 : index % 4 === 0 ? 18 : 5;
  return `M${index + 0.18} ${50 - height / 2}h.64v${height}h-.64z`;
}).join('');
