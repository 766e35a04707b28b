import { createContext, useCallback, useMemo, useState, type ReactNode } from 'react';

/** A word to the buyer about what has just happened, with at most one thing to do about it. */
export interface Notice {
  id: number;
  text: string;
  action?: { label: string; act: () => void };
}

export interface Notices {
  notices: Notice[];
  notify: (notice: Omit<Notice, 'id'>) => void;
  dismiss: (id: number) => void;
}

export const NoticesContext = createContext<Notices | null>(null);

let lastId = 0;

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<Notice[]>([]);
  const notify = useCallback((notice: Omit<Notice, 'id'>) => {
    // One at a time: a newer one is worth more than the one before.
    setNotices([{ ...notice, id: ++lastId }]);
  }, []);
  const dismiss = useCallback((id: number) => {
    setNotices((all) => all.filter((notice) => notice.id !== id));
  }, []);
  const value = useMemo(() => ({ notices, notify, dismiss }), [notices, notify, dismiss]);
  return <NoticesContext value={value}>{children}</NoticesContext>;
}
