import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useStatusOf } from '../hooks/usePlayer';
import { beatsQuery } from '../lib/catalog';
import { cheapestOf } from '../lib/license';
import { formatMoney } from '../lib/money';
import type { Beat } from '../types/beat';
import { Artwork } from './Artwork';
import { LicenseModal } from './LicenseModal';
import { PlayButton } from './PlayButton';
import { Waveform } from './Waveform';
import './FeaturedBeat.css';

/** The newest beat that the shop features, large, its record half out of the sleeve. */
export function FeaturedBeat() {
  const { data, isPending } = useQuery(
    beatsQuery({ featured: true, limit: 1, sortField: 'createdAt', sortOrder: 'desc' }),
  );
  const beat = data?.data[0];
  if (beat) return <Featured beat={beat} />;
  return isPending ? <div className="featured featured--skeleton" aria-hidden="true" /> : null;
}

function Featured({ beat }: { beat: Beat }) {
  const [isChoosing, setIsChoosing] = useState(false);
  const status = useStatusOf(beat.id);
  const from = cheapestOf(beat);
  return (
    <section
      className="featured"
      aria-labelledby="featured-title"
      data-playing={status === 'playing' || undefined}
    >
      <div className="featured__words">
        <p className="label">
          <span
            className={status === 'playing' ? 'led led--go' : 'led led--signal'}
            aria-hidden="true"
          />
          On the deck
        </p>
        <h2 id="featured-title" className="featured__title">
          {beat.title}
        </h2>
        <p className="featured__description">{beat.description}</p>
        <dl className="gauges">
          <Gauge name="Genre" value={beat.genre} />
          <Gauge name="BPM" value={String(beat.bpm)} />
          <Gauge name="Key" value={`${beat.key} ${beat.mode}`} />
          <Gauge name="Length" value={beat.duration} />
        </dl>
      </div>
      <div className="featured__bay" aria-hidden="true">
        <div className="record">
          <Artwork url={beat.artworkUrl} />
        </div>
        <div className="featured__sleeve">
          <Artwork url={beat.artworkUrl} isEager />
        </div>
      </div>
      <div className="featured__line">
        <PlayButton beat={beat} />
        <Waveform beatId={beat.id} previewUrl={beat.previewUrl} bars={144} isWanted />
        {from && (
          <button className="key key--primary" onClick={() => setIsChoosing(true)}>
            <span>
              License<span className="visually-hidden"> {beat.title}</span> from{' '}
              {formatMoney(from.unitPrice, from.currency)}
            </span>
          </button>
        )}
      </div>
      {isChoosing && <LicenseModal beat={beat} onClose={() => setIsChoosing(false)} />}
    </section>
  );
}

function Gauge({ name, value }: { name: string; value: string }) {
  return (
    <div className="gauge">
      <dt className="label">{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
