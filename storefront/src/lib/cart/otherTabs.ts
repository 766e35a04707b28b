/** Tells of what other tabs store under a key, and of what was missed while this one slept. */
export function onStored(storage: Storage | null, key: string, listener: () => void): () => void {
  const onStorage = (event: StorageEvent) => {
    const isOurs = event.key === key || event.key === null; // null: all was cleared
    if (isOurs && event.storageArea === storage) listener();
  };
  window.addEventListener('storage', onStorage);
  window.addEventListener('pageshow', listener);
  document.addEventListener('visibilitychange', listener);
  return () => {
    window.removeEventListener('storage', onStorage);
    window.removeEventListener('pageshow', listener);
    document.removeEventListener('visibilitychange', listener);
  };
}
