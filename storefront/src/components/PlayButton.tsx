import { usePlayer, useStatusOf } from '../hooks/usePlayer';
import type { Beat } from '../types/beat';
import { PauseIcon, PlayIcon } from './icons';

/** Plays a beat's preview, or pauses it. */
export function PlayButton({ beat }: { beat: Beat }) {
  const player = usePlayer();
  const status = useStatusOf(beat.id);
  const { previewUrl } = beat;
  if (previewUrl === null) return null;
  const isPlaying = status === 'playing' || status === 'loading';
  return (
    <button
      className="play"
      data-status={status}
      onClick={() =>
        player.toggle({
          beatId: beat.id,
          title: beat.title,
          artworkUrl: beat.artworkUrl,
          previewUrl,
        })
      }
    >
      {isPlaying ? <PauseIcon /> : <PlayIcon />}
      <span className="visually-hidden">
        {isPlaying ? 'Pause' : 'Play'} {beat.title}
      </span>
    </button>
  );
}
