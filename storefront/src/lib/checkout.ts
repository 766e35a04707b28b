import type { CartItem } from '../types/cart';
import { answerOf, api } from './api/client';
import { ApiFailure } from './api/failure';
import { buyable, itemId } from './cart/items';
import { openCheckouts, rememberCheckout, settleCheckout } from './cart/openCheckouts';
import { openStorage, type CartStorage } from './cart/storage';
import { record } from './metrics';
import { fetchOrder, isPaid } from './orders';
import { pageUrl, PATHS } from './paths';

/** Where the buyer goes on: to Stripe's page, or to the order that this cart has become. */
export type Onward = { kind: 'payment'; url: string } | { kind: 'order'; sessionId: string };

/**
 * The payment page for a cart. One cart has one, however often this is asked, from whichever tab:
 * the key under which the API is called is kept with the cart, and changes with it.
 *
 * Raises ApiFailure or NoAnswer.
 */
export async function openCheckout(items: CartItem[], cart: CartStorage): Promise<Onward> {
  const storage = openStorage();
  const before = openCheckouts(storage).find(
    (each) => each.checkoutKey === cart.read().checkoutKey,
  );
  if (before) {
    const paid = await orderIfPaid(before.sessionId);
    if (paid === true) return { kind: 'order', sessionId: before.sessionId };
    if (paid === 'ended') {
      settleCheckout(storage, before.sessionId);
      cart.renewKey();
    }
  }
  const session = await openUnderKey(items, cart);
  const { checkoutKey } = cart.read();
  rememberCheckout(storage, { sessionId: session.sessionId, checkoutKey, startedAt: Date.now() });
  record('checkout_started');
  return { kind: 'payment', url: session.url };
}

/** Whether an earlier checkout of this cart was paid, or can't be paid any more. */
async function orderIfPaid(sessionId: string): Promise<boolean | 'ended'> {
  try {
    const order = await fetchOrder(sessionId);
    return isPaid(order) || (order.status === 'PENDING' ? false : 'ended');
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return 'ended';
    return false; // the checkout itself will tell what is wrong
  }
}

const SPENT_KEY = new Set(['idempotency_conflict', 'checkout_abandoned']);

async function openUnderKey(items: CartItem[], cart: CartStorage) {
  try {
    return await post(items, cart.read().checkoutKey);
  } catch (error) {
    if (!(error instanceof ApiFailure && SPENT_KEY.has(error.code))) throw error;
    cart.renewKey();
    return post(items, cart.read().checkoutKey);
  }
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
