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
  /** Where they are shown while a dialog is open, around which nothing can be reached or heard. */
  host: HTMLElement | null;
  /** Takes them in, for as long as the element is drawn: a ref. */
  addHost: (element: HTMLElement | null) => (() => void) | undefined;
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
  const [hosts, setHosts] = useState<HTMLElement[]>([]);
  const addHost = useCallback((element: HTMLElement | null) => {
    if (!element) return undefined;
    setHosts((all) => [...all, element]);
    return () => setHosts((all) => all.filter((each) => each !== element));
  }, []);
  const host = hosts.at(-1) ?? null; // of dialogs, the one on top
  const value = useMemo(
    () => ({ notices, notify, dismiss, host, addHost }),
    [notices, notify, dismiss, host, addHost],
  );
  return <NoticesContext value={value}>{children}</NoticesContext>;
}
