import { memo, useRef, useState } from 'react';
import { useStatusOf } from '../hooks/usePlayer';
import { cheapestOf } from '../lib/license';
import { formatMoney } from '../lib/money';
import type { Beat } from '../types/beat';
import { Artwork } from './Artwork';
import { LicenseModal } from './LicenseModal';
import { PlayButton } from './PlayButton';
import { Waveform } from './Waveform';
import './BeatCard.css';

interface Props {
  beat: Beat;
  isEager?: boolean;
}

/** One beat of the catalogue: hear it, see what it is, choose a license of it. */
export const BeatCard = memo(function BeatCard({ beat, isEager = false }: Props) {
  const [isChoosing, setIsChoosing] = useState(false);
  const { isWanted, ...interest } = useInterest();
  const status = useStatusOf(beat.id);
  const from = cheapestOf(beat);
  return (
    <article className="beat" data-playing={status === 'playing' || undefined} {...interest}>
      <div className="beat__sleeve">
        <Artwork url={beat.artworkUrl} isEager={isEager} />
      </div>
      <div className="beat__line">
        <PlayButton beat={beat} />
        <Waveform
          beatId={beat.id}
          previewUrl={beat.previewUrl}
          bars={64}
          isWanted={isWanted || status !== 'silent'}
        />
      </div>
      <div className="beat__facts">
        <h3 className="beat__title">{beat.title}</h3>
        <p className="beat__bpm">
          {beat.bpm}
          <span className="label"> BPM</span>
        </p>
        <p className="beat__meta">
          <span>{beat.genre}</span>
          <span>
            {beat.key} {beat.mode}
          </span>
          <span>
            <span className="visually-hidden">Length </span>
            {beat.duration}
          </span>
          {!beat.hasStems && <span>No stems</span>}
        </p>
      </div>
      <div className="beat__buy">
        <p className="beat__price">
          {from ? (
            <>
              <span className="label">From </span>
              {formatMoney(from.unitPrice, from.currency)}
            </>
          ) : (
            <span className="label">Not for sale</span>
          )}
        </p>
        <button className="key key--small" onClick={() => setIsChoosing(true)} disabled={!from}>
          License<span className="visually-hidden"> {beat.title}</span>
        </button>
      </div>
      {isChoosing && <LicenseModal beat={beat} onClose={() => setIsChoosing(false)} />}
    </article>
  );
});

const LINGERING = 180; // milliseconds over a card before its sound is worth fetching

/** Whether a buyer has lingered over something, by pointer or by keyboard. */
function useInterest() {
  const [isWanted, setIsWanted] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const begin = () => {
    if (isWanted || savesData()) return;
    timer.current = setTimeout(() => setIsWanted(true), LINGERING);
  };
  const end = () => clearTimeout(timer.current);
  return { isWanted, onPointerEnter: begin, onPointerLeave: end, onFocus: begin, onBlur: end };
}

/** Whether the buyer has asked the browser to be sparing. */
function savesData(): boolean {
  const connection: unknown = 'connection' in navigator ? navigator.connection : null;
  return (
    typeof connection === 'object' &&
    connection !== null &&
    'saveData' in connection &&
    connection.saveData === true
  );
}
