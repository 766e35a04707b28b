import type { Beat, Offer } from '../../types/beat';
import type { CartItem, Submissions } from '../../types/cart';

export const MOST_OF_ONE = 10;
export const MOST_ITEMS = 50;

/** What tells one item of the cart from another: a beat's license is in it once. */
export function itemId(item: Pick<CartItem, 'beatId' | 'licenseType'>): string {
  return `${item.beatId}:${item.licenseType}`;
}

export function cartItem(beat: Beat, offer: Offer, quantity = 1): CartItem {
  return {
    beatId: beat.id,
    licenseType: offer.licenseType,
    quantity,
    title: beat.title,
    artworkUrl: beat.artworkUrl,
    priceId: offer.priceId,
    unitPrice: offer.unitPrice,
    currency: offer.currency,
  };
}

export function clampQuantity(quantity: number): number {
  return Math.min(MOST_OF_ONE, Math.max(1, Math.trunc(quantity) || 1));
}

/** The items that can be bought now: what checkout sends and the total counts. */
export function buyable(items: readonly CartItem[]): CartItem[] {
  return items.filter((item) => item.unavailable === undefined && item.submittedIn === undefined);
}

/** The items with those marked that are being paid for already. */
export function withSubmissions(items: CartItem[], submissions: Submissions): CartItem[] {
  return items.map((item) => {
    const submittedIn = submissions[itemId(item)];
    return submittedIn === undefined ? item : { ...item, submittedIn };
  });
}

/** How many licenses are in the cart. */
export function countOf(items: readonly CartItem[]): number {
  return items.reduce((sum, item) => sum + item.quantity, 0);
}

/** The price of everything that can be bought, in minor units. */
export function totalOf(items: readonly CartItem[]): number {
  return buyable(items).reduce((sum, item) => sum + item.unitPrice * item.quantity, 0);
}

/** The one currency of the cart; null where it is empty or mixes several. */
export function currencyOf(items: readonly CartItem[]): string | null {
  const currencies = new Set(buyable(items).map((item) => item.currency));
  const [only] = currencies;
  return currencies.size === 1 && only !== undefined ? only : null;
}

/** The items with those of one beat and license made into one. */
export function merged(items: readonly CartItem[]): CartItem[] {
  const byId = new Map<string, CartItem>();
  for (const item of items) {
    const id = itemId(item);
    const before = byId.get(id);
    const quantity = clampQuantity(item.quantity + (before?.quantity ?? 0));
    byId.set(id, { ...(before ?? item), quantity });
  }
  return [...byId.values()];
}
