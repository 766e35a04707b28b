import { createContext, useState, type ReactNode } from 'react';
import { Player } from '../lib/player';

export const PlayerContext = createContext<Player | null>(null);

/** One player for the whole shop: it goes on playing from page to page. */
export function PlayerProvider({ children }: { children: ReactNode }) {
  const [player] = useState(() => new Player());
  return <PlayerContext value={player}>{children}</PlayerContext>;
}
