import type { CartItem } from '../types/cart';
import { answerOf, api } from './api/client';
import { ApiFailure, ForBuyers } from './api/failure';
import { buyable, itemId } from './cart/items';
import { openCheckouts, rememberCheckout, settleCheckout } from './cart/openCheckouts';
import { openStorage, type CartStorage } from './cart/storage';
import { record } from './metrics';
import { fetchOrder, isPaid } from './orders';
import { pageUrl, PATHS } from './paths';

/** A cart as it was when its checkout was asked for, with its key. */
export interface CheckoutWish {
  items: CartItem[];
  key: string;
}

/** Where the buyer goes on: to Stripe's page, or to the order that this cart has become. */
export type Onward = { kind: 'payment'; url: string } | { kind: 'order'; sessionId: string };

/** The cart is no longer the one that a payment page was asked for. */
export class CartChanged extends ForBuyers {
  constructor() {
    super('Your cart has changed in the meantime. Look it over, then check out again.');
    this.name = 'CartChanged';
  }
}

/**
 * The payment page for a cart. One cart has one, however often this is asked, from whichever tab:
 * the key under which the API is called is kept with the cart, and changes with it.
 *
 * Raises ApiFailure, NoAnswer, and CartChanged rather than have a buyer pay for another cart than
 * the one in sight.
 */
export async function openCheckout(wish: CheckoutWish, cart: CartStorage): Promise<Onward> {
  const storage = openStorage();
  let { key } = wish;
  const before = openCheckouts(storage).find((each) => each.checkoutKey === key);
  if (before) {
    const end = await endOf(before.sessionId);
    if (end === 'paid') return { kind: 'order', sessionId: before.sessionId };
    if (end === 'unpaid') {
      settleCheckout(storage, before.sessionId);
      key = cart.renewKey();
    }
  }
  const session = await post(wish.items, key).catch((error: unknown) => {
    if (!isSpent(error)) throw error;
    key = cart.renewKey();
    return post(wish.items, key);
  });
  const { sessionId, url } = session;
  rememberCheckout(storage, { sessionId, checkoutKey: key, startedAt: Date.now() });
  if (cart.read().checkoutKey !== key) throw new CartChanged();
  record('checkout_started');
  return { kind: 'payment', url };
}

/** How an earlier checkout of this cart ended, or `open`. */
async function endOf(sessionId: string): Promise<'open' | 'paid' | 'unpaid'> {
  try {
    const order = await fetchOrder(sessionId);
    if (isPaid(order)) return 'paid';
    return order.status === 'PENDING' ? 'open' : 'unpaid';
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return 'unpaid';
    return 'open'; // the checkout itself will tell what is wrong
  }
}

/** Whether a key has been used up, by another cart or by a checkout that was given up. */
function isSpent(error: unknown): boolean {
  const codes = ['idempotency_conflict', 'checkout_abandoned'];
  return error instanceof ApiFailure && codes.includes(error.code);
}

function post(items: CartItem[], key: string) {
  return answerOf(
    api.POST('/api/stripe/create-multi-checkout', {
      params: { header: { 'Idempotency-Key': key } },
      body: {
        items: buyable(items).map(({ priceId, beatId, licenseType, title, quantity }) => {
          return { priceId, beatId, licenseType, beatTitle: title, quantity };
        }),
        // Braces as they are: Stripe looks for them to the letter.
        successUrl: `${pageUrl(PATHS.success)}?session_id={CHECKOUT_SESSION_ID}`,
        cancelUrl: `${pageUrl(PATHS.cart)}?checkout=cancelled`,
      },
    }),
  );
}

/** What a refusal says of each item, by the item's id. */
export function refusalsOf(error: unknown, items: CartItem[]): Map<string, string> {
  const refusals = new Map<string, string>();
  if (!(error instanceof ApiFailure)) return refusals;
  const sent = buyable(items);
  for (const { field, message } of error.details) {
    const item = sent[Number(/^items\.(\d+)(\.|$)/.exec(field)?.[1])];
    if (item && !refusals.has(itemId(item))) refusals.set(itemId(item), message);
  }
  return refusals;
}
