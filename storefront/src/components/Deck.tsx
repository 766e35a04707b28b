import { usePlayback, usePlayer } from '../hooks/usePlayer';
import { Artwork } from './Artwork';
import { CloseIcon, PauseIcon, PlayIcon } from './icons';
import { Waveform } from './Waveform';
import './Deck.css';

/** What plays now, at the foot of every page, with a line to seek on. */
export function Deck() {
  const player = usePlayer();
  const track = usePlayback((playback) => playback.track);
  const status = usePlayback((playback) => playback.status);
  if (!track) return null;
  const isPlaying = status === 'playing' || status === 'loading';
  return (
    <section className="deck" aria-label="Player">
      <div className="deck__sleeve">
        <Artwork url={track.artworkUrl} />
      </div>
      <button className="play" data-status={status} onClick={() => player.toggle(track)}>
        {isPlaying ? <PauseIcon /> : <PlayIcon />}
        <span className="visually-hidden">
          {isPlaying ? 'Pause' : 'Play'} {track.title}
        </span>
      </button>
      <div className="deck__title">
        <strong>{track.title}</strong>
        <span className="label" role="status">
          {status === 'broken' ? 'The preview can’t be played right now' : 'Preview'}
        </span>
      </div>
      <div className="deck__line">
        <Waveform beatId={track.beatId} previewUrl={track.previewUrl} bars={120} isWanted />
        <Seek />
      </div>
      <Times />
      <button className="icon-button" onClick={() => player.stop()}>
        <CloseIcon />
        <span className="visually-hidden">Stop and close the player</span>
      </button>
    </section>
  );
}

function Seek() {
  const player = usePlayer();
  const position = usePlayback((playback) => Math.round(playback.position * 10) / 10);
  const duration = usePlayback((playback) => playback.duration);
  return (
    <input
      className="deck__seek"
      type="range"
      min="0"
      max={duration || 1}
      step="0.1"
      value={position}
      aria-label="Position in the preview"
      aria-valuetext={`${clock(position)} of ${clock(duration)}`}
      onChange={(event) => player.seek(Number(event.target.value) / (duration || 1))}
    />
  );
}

function Times() {
  const position = usePlayback((playback) => Math.floor(playback.position));
  const duration = usePlayback((playback) => Math.round(playback.duration));
  return (
    <span className="deck__times" aria-hidden="true">
      {clock(position)} / {clock(duration)}
    </span>
  );
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}
