import { describe, expect, test } from 'vitest';
import { ApiFailure } from '../src/lib/api/failure';
import { itemId } from '../src/lib/cart/items';
import { openCheckouts, submitCheckout } from '../src/lib/cart/openCheckouts';
import { CartStorage } from '../src/lib/cart/storage';
import { CartChanged, openCheckout, refusalsOf } from '../src/lib/checkout';
import { anItem, anOrder } from './support/beats';
import { FakeApi, failure, json, success } from './support/fakeApi';

const CHECKOUT = 'POST /api/stripe/create-multi-checkout';
const ORDER = 'GET /api/orders/multi-payment/cs_1';
const SESSION = () => json(200, { url: 'https://pay.example/cs_1', sessionId: 'cs_1' });

function cartWith(...items: ReturnType<typeof anItem>[]) {
  const cart = new CartStorage(localStorage);
  cart.write(items);
  return cart;
}

/** Checks the cart out as the page does: with its items and its key. */
const checkOut = (cart = new CartStorage(localStorage)) => {
  const { items, checkoutKey: key } = cart.read();
  return openCheckout({ items, key }, cart);
};

const keysOf = (api: FakeApi) =>
  api.calls(CHECKOUT).map((request) => request.headers.get('Idempotency-Key'));

describe('opening a checkout', () => {
  test('sends what is in the cart, and where to come back to', async () => {
    const api = new FakeApi().on(CHECKOUT, SESSION());
    const gone = anItem({ beatId: 'gone', unavailable: 'withdrawn' });
    const items = [gone, anItem({ quantity: 2 })];

    const onward = await checkOut(cartWith(...items));

    expect(onward).toEqual({ kind: 'payment', url: 'https://pay.example/cs_1' });
    expect(await api.calls(CHECKOUT)[0]?.json()).toEqual({
      items: [
        {
          priceId: 'price_wav',
          beatId: 'night-bus',
          licenseType: 'WAV_LEASE',
          beatTitle: 'Night Bus',
          quantity: 2,
        },
      ],
      successUrl: 'http://localhost:3000/success?session_id={CHECKOUT_SESSION_ID}',
      cancelUrl: 'http://localhost:3000/cart?checkout=cancelled',
    });
  });

  test('twice for one cart uses one key; another cart has another', async () => {
    const api = new FakeApi().on(CHECKOUT, SESSION()).on(ORDER, success(anOrder()));
    const cart = cartWith(anItem());
    await checkOut(cart);
    await checkOut(); // reloaded, or in another tab
    cart.write([anItem({ quantity: 2 })]);
    await checkOut(cart);

    const [first, second, third] = keysOf(api);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test.each(['idempotency_conflict', 'checkout_abandoned'])(
    'tries a new key once where the API says %s',
    async (code) => {
      const api = new FakeApi().on(CHECKOUT, failure(409, code), SESSION());
      const onward = await checkOut(cartWith(anItem()));
      expect(onward.kind).toBe('payment');
      const [first, second] = keysOf(api);
      expect(second).not.toBe(first);
    },
  );

  test('of a cart that changes meanwhile is not gone on with', async () => {
    const cart = cartWith(anItem());
    new FakeApi().on(CHECKOUT, () => {
      cart.write([anItem({ unitPrice: 2499, previousPrice: 1999 })]);
      return SESSION();
    });
    await expect(checkOut(cart)).rejects.toThrow(CartChanged);
  });

  test.each([
    ['is refused', failure(400, 'checkout_refused'), ApiFailure],
    ['has a key that is used up', failure(409, 'checkout_abandoned'), CartChanged],
    ['leads to a page that has ended', SESSION(), CartChanged],
  ])('of a cart that changes while it %s leaves the other its key', async (_, answer, raised) => {
    let changed = '';
    const api = new FakeApi().on(ORDER, success(anOrder({ status: 'CANCELLED' })));
    api.on(CHECKOUT, () => {
      new CartStorage(localStorage).write([anItem({ quantity: 2 })]); // as another tab does
      changed = new CartStorage(localStorage).read().checkoutKey;
      return answer;
    });
    await expect(checkOut(cartWith(anItem()))).rejects.toThrow(raised);
    expect(api.calls(CHECKOUT)).toHaveLength(1);
    expect(new CartStorage(localStorage).read().checkoutKey).toBe(changed);
  });

  test.each([
    ['a key that was used up', failure(409, 'checkout_abandoned')],
    ['a page that had ended', SESSION()],
  ])('tried again after %s goes on under the key that it was given then', async (_, first) => {
    const another = json(200, { url: 'https://pay.example/cs_2', sessionId: 'cs_2' });
    const away = failure(503, 'unavailable');
    const api = new FakeApi()
      .on(CHECKOUT, first, away, first, another)
      .on(ORDER, success(anOrder({ status: 'CANCELLED' })));
    const cart = cartWith(anItem());
    const wish = { items: [anItem()], key: cart.read().checkoutKey };
    await expect(openCheckout(wish, cart)).rejects.toThrow(ApiFailure);
    expect((await openCheckout(wish, cart)).kind).toBe('payment');
    const keys = keysOf(api);
    expect(keys.slice(2)).toEqual(keys.slice(0, 2));
  });

  test('gives up on a second such answer', async () => {
    const api = new FakeApi().on(CHECKOUT, failure(409, 'idempotency_conflict'));
    await expect(checkOut(cartWith(anItem()))).rejects.toThrow(ApiFailure);
    expect(api.calls(CHECKOUT)).toHaveLength(2);
  });

  test.each(['PAID', 'COMPLETED'] as const)(
    'of a cart whose order is %s already leads to that order, not to a second payment',
    async (status) => {
      new FakeApi().on(CHECKOUT, SESSION()).on(ORDER, success(anOrder({ status })));
      expect(await checkOut(cartWith(anItem()))).toEqual({ kind: 'order', sessionId: 'cs_1' });
      expect(openCheckouts(localStorage).map(({ sessionId }) => sessionId)).toEqual(['cs_1']);
    },
  );

  test.each([
    ['waits for the bank’s word', success(anOrder())],
    ['cannot be looked at', failure(503, 'unavailable')],
  ])('of a cart that was submitted leads to its order, also where that %s', async (_, order) => {
    const api = new FakeApi().on(CHECKOUT, SESSION()).on(ORDER, order);
    await checkOut(cartWith(anItem()));
    submitCheckout(localStorage, 'cs_1', [anItem()]);
    expect(await checkOut()).toEqual({ kind: 'order', sessionId: 'cs_1' });
    expect(new Set(keysOf(api)).size).toBe(1);
  });

  test.each(['checkout_refused', 'beat_withdrawn'])(
    'that is refused with %s is another one when it is tried again',
    async (code) => {
      const api = new FakeApi().on(CHECKOUT, failure(400, code), SESSION());
      await expect(checkOut(cartWith(anItem()))).rejects.toThrow(ApiFailure);
      expect(api.calls(CHECKOUT)).toHaveLength(1);
      expect((await checkOut()).kind).toBe('payment');
      const [first, second] = keysOf(api);
      expect(second).not.toBe(first);
    },
  );

  test('that gets no answer keeps its key', async () => {
    const api = new FakeApi().on(CHECKOUT, failure(503, 'unavailable'), SESSION());
    await expect(checkOut(cartWith(anItem()))).rejects.toThrow(ApiFailure);
    await checkOut();
    expect(new Set(keysOf(api)).size).toBe(1);
  });

  test.each(['CANCELLED', 'FAILED'] as const)(
    'of a cart whose page ended %s opens another',
    async (status) => {
      const another = json(200, { url: 'https://pay.example/cs_2', sessionId: 'cs_2' });
      const api = new FakeApi()
        .on(CHECKOUT, SESSION(), another)
        .on(ORDER, success(anOrder({ status })));
      const onward = await checkOut(cartWith(anItem()));
      expect(onward).toEqual({ kind: 'payment', url: 'https://pay.example/cs_2' });
      const [first, second] = keysOf(api);
      expect(second).not.toBe(first);
    },
  );
});

describe('refusals', () => {
  test('are told of the items that were sent, not of those left out', () => {
    const gone = anItem({ beatId: 'gone', unavailable: 'withdrawn' });
    const [first, second] = [anItem(), anItem({ beatId: 'day-tram' })];
    const refusal = new ApiFailure(new Response(null, { status: 400 }), {
      success: false,
      error: 'No.',
      code: 'beat_withdrawn',
      details: [
        { field: 'items.1.beatId', message: 'Day Tram is no longer for sale.' },
        { field: 'items.9.beatId', message: 'There is no tenth item.' },
        { field: 'successUrl', message: 'Not here.' },
      ],
    });
    expect([...refusalsOf(refusal, [gone, first, second])]).toEqual([
      [itemId(second), 'Day Tram is no longer for sale.'],
    ]);
  });

  test('are none where something else went wrong', () => {
    expect(refusalsOf(new Error('no'), [anItem()]).size).toBe(0);
  });
});
