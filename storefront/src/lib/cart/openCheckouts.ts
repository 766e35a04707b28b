import type { Purchased, Submissions } from '../../types/cart';
import { isLicenseType } from '../license';
import { itemId } from './items';
import { onStored } from './otherTabs';

const KEY = 'beatline.checkouts';
const VERSION = 1;
const MOST_KEPT = 5;
const LONGEST_KEPT = 7 * 24 * 3_600_000; // milliseconds

/** A payment page that was opened from this browser and whose end the shop has not seen. */
export interface OpenCheckout {
  sessionId: string;
  startedAt: number;
  /** What is being paid for, once the buyer has submitted the page; kept until that is settled. */
  submitted?: Purchased[];
}

/** The payment pages opened and not yet settled, the newest first. */
export function openCheckouts(storage: Storage | null): OpenCheckout[] {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? 'null');
    if (!isKept(kept)) return [];
    const oldest = Date.now() - LONGEST_KEPT;
    return kept.checkouts
      .filter(isCheckout)
      .map(readCheckout)
      .filter(({ startedAt, submitted }) => submitted !== undefined || startedAt > oldest);
  } catch {
    return []; // not ours, or cut off: as if nothing had been kept
  }
}

/** In which checkouts items of this browser's cart are being paid for. */
export function submissionsIn(storage: Storage | null): Submissions {
  const pairs = openCheckouts(storage).flatMap(({ sessionId, submitted = [] }) =>
    submitted.map((item) => [itemId(item), sessionId] as const),
  );
  return Object.fromEntries(pairs);
}

export function isSubmitted(storage: Storage | null, sessionId: string): boolean {
  return openCheckouts(storage).some(
    (each) => each.sessionId === sessionId && each.submitted !== undefined,
  );
}

/** Keeps one that was opened; of those that nobody submitted, the newest alone. */
export function rememberCheckout(storage: Storage | null, opened: OpenCheckout): void {
  const before = openCheckouts(storage);
  const known = before.find((each) => each.sessionId === opened.sessionId);
  const all = [{ ...known, ...opened }, ...before.filter((each) => each !== known)];
  const newest = all.filter(({ submitted }) => submitted === undefined).slice(0, MOST_KEPT);
  keep(
    storage,
    all.filter((each) => each.submitted !== undefined || newest.includes(each)),
  );
}

/** Notes that the buyer has submitted one that is kept, and for what; once is enough. */
export function submitCheckout(
  storage: Storage | null,
  sessionId: string,
  items: readonly Purchased[],
): void {
  const before = openCheckouts(storage);
  const opened = before.find((each) => each.sessionId === sessionId);
  if (!opened || opened.submitted) return;
  const submitted = items.map(({ beatId, licenseType, quantity }) => {
    return { beatId, licenseType, quantity };
  });
  keep(
    storage,
    before.map((each) => (each === opened ? { ...each, submitted } : each)),
  );
  tellListeners();
}

/** Forgets a settled one; true for the first tab to do so, which alone empties the cart. */
export function settleCheckout(storage: Storage | null, sessionId: string): boolean {
  const before = openCheckouts(storage);
  const after = before.filter((each) => each.sessionId !== sessionId);
  if (after.length === before.length) return false;
  keep(storage, after);
  tellListeners();
  return true;
}

const listeners = new Set<() => void>();

/** Tells when a checkout was submitted or settled, in this tab or another. */
export function onSubmissions(storage: Storage | null, listener: () => void): () => void {
  const stop = onStored(storage, KEY, listener);
  listeners.add(listener);
  return () => {
    stop();
    listeners.delete(listener);
  };
}

/** A tab hears no event of what it stores itself. */
function tellListeners(): void {
  for (const listener of listeners) listener();
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

function isCheckout(value: unknown): value is Omit<OpenCheckout, 'submitted'> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'sessionId' in value &&
    typeof value.sessionId === 'string' &&
    'startedAt' in value &&
    typeof value.startedAt === 'number'
  );
}

/** A kept one; those of earlier versions tell of no submission. */
function readCheckout(kept: { sessionId: string; startedAt: number; submitted?: unknown }) {
  const { sessionId, startedAt, submitted } = kept;
  const opened: OpenCheckout = { sessionId, startedAt };
  return Array.isArray(submitted)
    ? { ...opened, submitted: submitted.filter(isPurchased) }
    : opened;
}

function isPurchased(value: unknown): value is Purchased {
  return (
    typeof value === 'object' &&
    value !== null &&
    'beatId' in value &&
    typeof value.beatId === 'string' &&
    'licenseType' in value &&
    isLicenseType(value.licenseType) &&
    'quantity' in value &&
    typeof value.quantity === 'number'
  );
}
