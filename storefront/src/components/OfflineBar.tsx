import { useOnline } from '../hooks/useOnline';

/** Says that there is no connection, and what works without. */
export function OfflineBar() {
  const isOnline = useOnline();
  return (
    <div role="status">
      {!isOnline && (
        <p className="bar bar--warn">
          <span className="led led--warn" aria-hidden="true" />
          You’re offline. Your cart is kept here; prices, previews and checkout come back with the
          connection.
        </p>
      )}
    </div>
  );
}
