import { use, useSyncExternalStore } from 'react';
import { PlayerContext } from '../contexts/PlayerContext';
import type { Playback, Player } from '../lib/player';

export function usePlayer(): Player {
  const player = use(PlayerContext);
  if (!player) throw new Error('usePlayer needs a PlayerProvider around it.');
  return player;
}

/** A part of what the player is doing; only a change of that part draws anew. */
export function usePlayback<T extends string | number | boolean | object | null>(
  select: (playback: Playback) => T,
): T {
  const player = usePlayer();
  return useSyncExternalStore(player.subscribe, () => select(player.playback()));
}

/** What the player does with one beat. */
export function useStatusOf(beatId: string): Playback['status'] {
  return usePlayback(({ track, status }) => (track?.beatId === beatId ? status : 'silent'));
}
