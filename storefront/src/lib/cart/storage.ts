import type { CartItem } from '../../types/cart';
import { isLicenseType } from '../license';
import { newId } from '../ids';
import { clampQuantity, merged, MOST_ITEMS } from './items';
import { onStored } from './otherTabs';

export const CART_KEY = 'beatline.cart';

// Raised when an item gets another shape; `itemsIn` then learns to read the one before.
const VERSION = 1;

/** The cart as it is kept, with the key under which exactly these items are checked out. */
export interface StoredCart {
  items: CartItem[];
  checkoutKey: string;
}

/** Keeps the cart in the browser, for all of the shop's tabs. Without storage, in memory. */
export class CartStorage {
  readonly #storage: Storage | null;
  #text: string | null = null;
  /** Whether the cart outlives this tab. */
  isLasting: boolean;

  constructor(storage: Storage | null) {
    this.#storage = storage;
    this.isLasting = storage !== null;
  }

  /** What is kept; whatever cannot be read is left out, to the last item if need be. */
  read(): StoredCart {
    const kept = parsed(this.#storedText());
    const checkoutKey = typeof kept['checkoutKey'] === 'string' ? kept['checkoutKey'] : '';
    return { items: itemsIn(kept), checkoutKey };
  }

  /** Keeps other items under a key of their own; the same items stay under theirs. */
  write(items: CartItem[]): void {
    const kept = this.read();
    if (kept.checkoutKey && JSON.stringify(kept.items) === JSON.stringify(items)) return;
    this.#keep(items, newId());
  }

  /**
   * The key of another checkout of the items that were kept under one; null where other items are
   * kept by now, whose own key stays. One that another try or tab has renewed already serves all.
   */
  renewKey(used: string): string | null {
    const { items, checkoutKey } = this.read();
    if (lineOf(checkoutKey) !== lineOf(used)) return null;
    if (checkoutKey !== used) return checkoutKey;
    const key = `${lineOf(used)}.${newId()}`;
    this.#keep(items, key);
    return key;
  }

  /** Tells of what other tabs do to the cart, and of what was missed while this one slept. */
  subscribe(listener: (items: CartItem[]) => void): () => void {
    return onStored(this.#storage, CART_KEY, () => listener(this.read().items));
  }

  #storedText(): string | null {
    if (!this.isLasting) return this.#text;
    return this.#storage?.getItem(CART_KEY) ?? null;
  }

  #keep(items: CartItem[], checkoutKey: string): void {
    this.#text = JSON.stringify({ version: VERSION, items, checkoutKey });
    try {
      this.#storage?.setItem(CART_KEY, this.#text);
    } catch (error) {
      // Full, or closed to us: the cart lives on in this tab, and the cart page says so.
      console.warn('The cart could not be stored.', error);
      this.isLasting = false;
    }
  }
}

/** What the keys of the same items have in common, however often they were renewed. */
function lineOf(key: string): string {
  return key.replace(/\..*/, '');
}

/** The browser's storage, or null where it is closed to this page. */
export function openStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch (error) {
    console.warn('This browser gives the shop no storage.', error);
    return null;
  }
}

type Unread = Record<string, unknown>;

function parsed(text: string | null): Unread {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isRecord(value) ? value : {};
  } catch {
    return {}; // not ours, or cut off: as if nothing had been kept
  }
}

function itemsIn(kept: Unread): CartItem[] {
  if (kept['version'] !== VERSION || !Array.isArray(kept['items'])) return [];
  return merged(kept['items'].map(readItem).filter((item) => item !== null)).slice(0, MOST_ITEMS);
}

function readItem(value: unknown): CartItem | null {
  if (!isRecord(value)) return null;
  const { beatId, licenseType, title, priceId, unitPrice, currency } = value;
  if (!isWord(beatId) || !isLicenseType(licenseType) || !isWord(title)) return null;
  if (!isWord(priceId) || !isAmount(unitPrice)) return null;
  if (!isWord(currency) || !/^[A-Z]{3}$/.test(currency)) return null;
  const quantity = clampQuantity(Number(value['quantity']));
  const artworkUrl = isWord(value['artworkUrl']) ? value['artworkUrl'] : null;
  return {
    beatId,
    licenseType,
    quantity,
    title,
    artworkUrl,
    priceId,
    unitPrice,
    currency,
    ...marksIn(value),
  };
}

function marksIn({ previousPrice, unavailable }: Unread): Partial<CartItem> {
  const marks: Partial<CartItem> = {};
  if (isAmount(previousPrice)) marks.previousPrice = previousPrice;
  switch (unavailable) {
    case 'unknown':
    case 'withdrawn':
    case 'unreleased':
    case 'license-gone':
      marks.unavailable = unavailable;
  }
  return marks;
}

function isRecord(value: unknown): value is Unread {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
