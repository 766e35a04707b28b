import type { CartItem } from '../types/cart';
import { answerOf, api } from './api/client';
import { ApiFailure, ForBuyers } from './api/failure';
import { buyable, itemId } from './cart/items';
import { isSubmitted, rememberCheckout } from './cart/openCheckouts';
import { openStorage, type CartStorage } from './cart/storage';
import { record } from './metrics';
import { fetchOrder, isPaid } from './orders';
import { pageUrl, PATHS } from './paths';

/** A cart as it was when its checkout was asked for, with its key. */
export interface CheckoutWish {
  items: CartItem[];
  key: string;
}

/** Where the buyer goes on: to Stripe's page, or to the order that pays for this cart already. */
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
  let opened = await openUnder(wish, cart);
  const end = await endOf(opened.sessionId);
  if (end === 'submitted') return { kind: 'order', sessionId: opened.sessionId };
  if (end === 'unpaid') opened = await openUnder({ ...wish, key: renewed(opened.key, cart) }, cart);
  if (cart.read().checkoutKey !== opened.key) throw new CartChanged();
  record('checkout_started');
  return { kind: 'payment', url: opened.url };
}

/** A payment page under a key, or under a new one where that is used up. */
async function openUnder({ items, key }: CheckoutWish, cart: CartStorage) {
  let usedKey = key;
  const ask = () =>
    post(items, usedKey).catch((error: unknown) => {
      // A key is told the same no for ever, also once the shop has mended the cause.
      if (isRefusal(error)) cart.renewKey(usedKey);
      throw error;
    });
  const { sessionId, url } = await ask().catch((error: unknown) => {
    if (!isSpent(error)) throw error;
    usedKey = renewed(usedKey, cart);
    return ask();
  });
  rememberCheckout(openStorage(), { sessionId, startedAt: Date.now() });
  return { sessionId, url, key: usedKey };
}

/** The key of another checkout of the same cart; raises CartChanged where that is another by now. */
function renewed(key: string, cart: CartStorage): string {
  const another = cart.renewKey(key);
  if (another === null) throw new CartChanged();
  return another;
}

/**
 * How a payment page ended, or `open`. The key of a cart leads to the page that it led to before,
 * which may have been submitted in another tab, paid at once or not, or have run out since.
 */
async function endOf(sessionId: string): Promise<'open' | 'submitted' | 'unpaid'> {
  try {
    const order = await fetchOrder(sessionId);
    if (isPaid(order)) return 'submitted';
    if (order.status !== 'PENDING') return 'unpaid';
  } catch (error) {
    console.info('Going on without having looked at the order of the payment page.', error);
  }
  return isSubmitted(openStorage(), sessionId) ? 'submitted' : 'open';
}

/** Whether the API has looked at the cart and said no to it. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 400;
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
