const KEY = 'beatline.checkouts';
const VERSION = 1;
const MOST_KEPT = 5;
const LONGEST_KEPT = 7 * 24 * 3_600_000; // milliseconds; bank debits take days

/** A payment page that was opened from this browser and whose end the shop has not seen. */
export interface OpenCheckout {
  sessionId: string;
  startedAt: number;
}

/** The payment pages opened and not yet settled, the newest first. */
export function openCheckouts(storage: Storage | null): OpenCheckout[] {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? 'null');
    if (!isKept(kept)) return [];
    const oldest = Date.now() - LONGEST_KEPT;
    return kept.checkouts.filter(isCheckout).filter(({ startedAt }) => startedAt > oldest);
  } catch {
    return []; // not ours, or cut off: as if nothing had been kept
  }
}

export function rememberCheckout(storage: Storage | null, opened: OpenCheckout): void {
  const others = openCheckouts(storage).filter((each) => each.sessionId !== opened.sessionId);
  keep(storage, [opened, ...others].slice(0, MOST_KEPT));
}

/** Forgets a settled one; true for the first tab to do so, which alone empties the cart. */
export function settleCheckout(storage: Storage | null, sessionId: string): boolean {
  const before = openCheckouts(storage);
  const after = before.filter((each) => each.sessionId !== sessionId);
  if (after.length === before.length) return false;
  keep(storage, after);
  return true;
}

function keep(storage: Storage | null, checkouts: OpenCheckout[]): void {
  try {
    storage?.setItem(KEY, JSON.stringify({ version: VERSION, checkouts }));
  } catch (error) {
    console.warn('The open checkout could not be stored.', error);
  }
}

function isKept(kept: unknown): kept is { checkouts: unknown[] } {
  return (
    typeof kept === 'object' &&
    kept !== null &&
    'version' in kept &&
    kept.version === VERSION &&
    'checkouts' in kept &&
    Array.isArray(kept.checkouts)
  );
}

function isCheckout(value: unknown): value is OpenCheckout {
  return (
    typeof value === 'object' &&
    value !== null &&
    'sessionId' in value &&
    typeof value.sessionId === 'string' &&
    'startedAt' in value &&
    typeof value.startedAt === 'number'
  );
}
