import { useEffect, useEffectEvent, useState } from 'react';

const PAUSE = 300; // milliseconds without a keystroke, after which what was typed counts

/** What is being typed, passed on once the typing pauses; it follows the value when that changes. */
export function useDraft(
  value: string,
  onCommit: (value: string) => void,
): [string, (draft: string) => void] {
  const [draft, setDraft] = useState(value);
  const [followed, setFollowed] = useState(value);
  if (value !== followed) {
    setFollowed(value);
    setDraft(value);
  }

  const commit = useEffectEvent(() => {
    if (draft !== value) onCommit(draft);
  });
  useEffect(() => {
    const timer = setTimeout(commit, PAUSE);
    return () => clearTimeout(timer);
  }, [draft]);
  return [draft, setDraft];
}
