import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { CheckoutWatch } from '../src/components/CheckoutWatch';
import { Navigation } from '../src/components/Navigation';
import { isSubmitted, rememberCheckout, submitCheckout } from '../src/lib/cart/openCheckouts';
import { itemId } from '../src/lib/cart/items';
import { CartStorage } from '../src/lib/cart/storage';
import { CartPage } from '../src/pages/CartPage';
import SuccessPage from '../src/pages/SuccessPage';
import type { Order } from '../src/types/order';
import { aBeat, anItem, anOrder } from './support/beats';
import { FakeApi, failure, success } from './support/fakeApi';
import { fillCart, renderInShop } from './support/shop';

const ORDER = 'GET /api/orders/multi-payment/cs_1';
const DOWNLOADS = 'POST /api/download/multi-order/ord_1';
const PAGE = '/success?session_id=cs_1';

function downloads(minutes: number, stems = false) {
  const expiresAt = new Date(Date.now() + minutes * 60_000).toISOString();
  const downloadUrls = {
    master: 'http://localhost:3000/api/download/beat/night-bus?grant=m',
    expiresAt,
    ...(stems && { stems: 'http://localhost:3000/api/download/stems/night-bus?grant=s' }),
  };
  return success({
    orderId: 'ord_1',
    customerEmail: 'buyer@example.com',
    expiresAt,
    beats: [
      {
        beatId: 'night-bus',
        beatTitle: 'Night Bus',
        licenseType: stems ? 'TRACKOUT_LEASE' : 'WAV_LEASE',
        hasStems: stems,
        downloadUrls,
      },
    ],
  });
}

const order = (status: Order['status'], change: Partial<Order> = {}) =>
  success(anOrder({ status, ...change }));

function rememberOpenCheckout(): void {
  rememberCheckout(localStorage, {
    sessionId: 'cs_1',
    startedAt: Date.now(),
  });
}

const cartNow = () => new CartStorage(localStorage).read().items;

describe('the success page', () => {
  test('waits in honest words, then gives the files', async () => {
    const api = new FakeApi()
      .on(ORDER, order('PENDING'), order('PAID'), order('COMPLETED'))
      .on(DOWNLOADS, downloads(30, true));
    renderInShop(<SuccessPage />, PAGE);
    await screen.findByRole('heading', { name: 'Your order is in.' });
    await screen.findByRole('heading', { name: 'Paid. Thank you.' }, { timeout: 3000 });
    await screen.findByRole('heading', { name: 'It’s yours.' }, { timeout: 4000 });
    await screen.findByRole('button', { name: /wav master of night bus/i });
    expect(screen.getByRole('button', { name: /stems, zip of night bus/i })).toBeTruthy();
    expect(await api.calls(DOWNLOADS)[0]?.json()).toEqual({ customerEmail: 'buyer@example.com' });
  });

  test('gives no stems where the license grants none', async () => {
    new FakeApi().on(ORDER, order('COMPLETED')).on(DOWNLOADS, downloads(30));
    renderInShop(<SuccessPage />, PAGE);
    await screen.findByRole('button', { name: /wav master/i });
    expect(screen.queryByRole('button', { name: /stems/i })).toBeNull();
  });

  test('counts down, and fetches fresh links', async () => {
    const user = userEvent.setup();
    const api = new FakeApi()
      .on(ORDER, order('COMPLETED'))
      .on(DOWNLOADS, downloads(0), downloads(30));
    renderInShop(<SuccessPage />, PAGE);
    await screen.findByText(/these links have ended/i);
    await user.click(screen.getByRole('button', { name: 'Get fresh links' }));
    expect((await screen.findByRole('timer')).textContent).toMatch(/^(30:00|29:5\d)$/);
    expect(api.calls(DOWNLOADS)).toHaveLength(2);
  });

  test.each([
    ['CANCELLED', 'Nothing was paid.', /nothing was charged/],
    ['FAILED', 'The payment failed.', /try again/],
    ['REFUNDED', 'Refunded.', /on its way back to you/],
    ['DISPUTED', 'Under dispute.', /closed for now/],
  ] as const)('explains an order that is %s', async (status, headline, words) => {
    const api = new FakeApi().on(ORDER, order(status));
    renderInShop(<SuccessPage />, PAGE);
    await screen.findByRole('heading', { name: headline });
    expect(screen.getByText(words)).toBeTruthy();
    expect(api.calls(DOWNLOADS)).toEqual([]);
  });

  test('shows what was given back of an order that stands', async () => {
    new FakeApi().on(ORDER, order('COMPLETED', { refundedAmount: 5 })).on(DOWNLOADS, downloads(30));
    renderInShop(<SuccessPage />, PAGE);
    expect((await screen.findByText('Refunded')).nextElementSibling?.textContent).toBe('€5.00');
  });

  test.each(['/success', '/success?session_id='])('knows no order at %s', async (path) => {
    new FakeApi();
    renderInShop(<SuccessPage />, path);
    await screen.findByRole('heading', { name: 'No such order.' });
  });

  test('knows no order that the API does not know', async () => {
    new FakeApi().on(ORDER, failure(404, 'order_not_found'));
    renderInShop(<SuccessPage />, PAGE);
    await screen.findByRole('heading', { name: 'No such order.' });
  });

  test('tries again while the shop is away', async () => {
    const away = failure(503, 'unavailable', [], { 'Retry-After': '0' });
    new FakeApi().on(ORDER, away, away, order('COMPLETED')).on(DOWNLOADS, away, downloads(30));
    renderInShop(<SuccessPage />, PAGE);
    await screen.findByRole('button', { name: /wav master/i });
  });
});

describe('the cart of an order', () => {
  test('is emptied once the order is paid, and not before', async () => {
    fillCart(anItem(), anItem({ beatId: 'day-tram' }));
    rememberOpenCheckout();
    new FakeApi().on(ORDER, order('PENDING'), order('PAID'));
    renderInShop(<SuccessPage />, PAGE);
    await screen.findByRole('heading', { name: 'Your order is in.' });
    expect(cartNow()).toHaveLength(2);
    await screen.findByRole('heading', { name: 'Paid. Thank you.' }, { timeout: 3000 });
    await waitFor(() => expect(cartNow()).toEqual([anItem({ beatId: 'day-tram' })]));
  });

  test('is left alone by an old order that is looked at again', async () => {
    fillCart(anItem());
    new FakeApi().on(ORDER, order('COMPLETED')).on(DOWNLOADS, downloads(30));
    renderInShop(<SuccessPage />, PAGE);
    await screen.findByRole('button', { name: /wav master/i });
    expect(cartNow()).toEqual([anItem()]);
  });

  test.each(['CANCELLED', 'FAILED'] as const)('stays when the order is %s', async (status) => {
    fillCart(anItem());
    rememberOpenCheckout();
    new FakeApi().on(ORDER, order(status));
    renderInShop(<SuccessPage />, PAGE);
    await screen.findByRole('link', { name: 'To the cart' });
    expect(cartNow()).toEqual([anItem()]);
  });

  test('is emptied too when the buyer paid and never came back', async () => {
    fillCart(anItem());
    rememberOpenCheckout();
    new FakeApi().on(ORDER, order('COMPLETED'));
    renderInShop(
      <>
        <Navigation />
        <CheckoutWatch />
      </>,
    );
    await screen.findByText('Your payment has come through.');
    await waitFor(() => expect(cartNow()).toEqual([]));
    expect(screen.getByRole('button', { name: /cart 0 items/i })).toBeTruthy();
  });
});

describe('a payment under way', () => {
  const awaited = () => screen.queryByText(/the bank’s word is awaited/);
  const total = () => screen.getByText('Total').nextElementSibling?.textContent;
  const shopOf = () => {
    const beat = success(aBeat({ stripeWavPriceId: 'price_wav' }));
    return new FakeApi().on('GET /api/beats/night-bus', beat);
  };
  const submitOpenCheckout = () => {
    rememberOpenCheckout();
    submitCheckout(localStorage, 'cs_1', [anItem()]);
  };

  test('is marked by the page that Stripe sends the buyer to', async () => {
    rememberOpenCheckout();
    shopOf().on(ORDER, order('PENDING'));
    renderInShop(<SuccessPage />, PAGE);
    await screen.findByRole('heading', { name: 'Your order is in.' });
    await waitFor(() => expect(isSubmitted(localStorage, 'cs_1')).toBe(true));
  });

  test('is not what a page is that was only opened', async () => {
    rememberOpenCheckout();
    const api = shopOf().on(ORDER, order('PENDING'));
    renderInShop(<CheckoutWatch />);
    await waitFor(() => expect(api.calls(ORDER)).toHaveLength(1));
    expect(isSubmitted(localStorage, 'cs_1')).toBe(false);
  });

  test('keeps its items in the cart, out of the total, beside a way to the order', () => {
    fillCart(anItem({ quantity: 2 }), anItem({ beatId: 'day-tram', title: 'Day Tram' }));
    submitOpenCheckout();
    shopOf();
    renderInShop(<CartPage />, '/cart?checkout=cancelled');
    expect(awaited()).toBeTruthy();
    const link = screen.getByRole('link', { name: /see the order/i });
    expect(link.getAttribute('href')).toBe(PAGE);
    expect(total()).toBe('€19.99');
    expect(screen.queryByText(/nothing was charged/)).toBeNull();
  });

  test('leaves nothing to buy where it is for the whole cart, whatever is added of it', () => {
    fillCart(anItem({ quantity: 3 }));
    submitOpenCheckout();
    shopOf();
    renderInShop(<CartPage />);
    expect(total()).toBe('—');
    expect(screen.getByRole('button', { name: 'Check out' })).toHaveProperty('disabled', true);
  });

  test('is seen in the shop’s other tabs', async () => {
    fillCart(anItem());
    shopOf().on(ORDER, order('PENDING'));
    renderInShop(<CartPage />);
    expect(awaited()).toBeNull();
    submitOpenCheckoutElsewhere();
    await waitFor(() => expect(awaited()).toBeTruthy());
    expect(cartNow()).toEqual([anItem()]);
  });

  test('ends in the cart as it does at the bank: paid takes the items out', async () => {
    fillCart(anItem(), anItem({ beatId: 'day-tram' }));
    submitOpenCheckout();
    shopOf().on(ORDER, order('PENDING'), order('COMPLETED'));
    renderInShop(
      <>
        <CartPage />
        <CheckoutWatch />
      </>,
    );
    expect(awaited()).toBeTruthy();
    await screen.findByText('Your payment has come through.', {}, { timeout: 3000 });
    await waitFor(() => expect(cartNow().map(itemId)).toEqual(['day-tram:WAV_LEASE']));
    expect(awaited()).toBeNull();
  });

  test.each(['CANCELLED', 'FAILED'] as const)('%s lets them be bought again', async (status) => {
    fillCart(anItem());
    submitOpenCheckout();
    shopOf().on(ORDER, order(status));
    renderInShop(
      <>
        <CartPage />
        <CheckoutWatch />
      </>,
    );
    await waitFor(() => expect(awaited()).toBeNull());
    expect(total()).toBe('€19.99');
  });

  test.each([
    ['where it is watched', <CheckoutWatch key="1" />, '/'],
    ['on its page', <SuccessPage key="1" />, PAGE],
  ])('of an order that the shop does not know ends %s', async (_, element, path) => {
    fillCart(anItem());
    submitOpenCheckout();
    shopOf().on(ORDER, failure(404, 'order_not_found'));
    renderInShop(
      <>
        <CartPage />
        {element}
      </>,
      path,
    );
    await waitFor(() => expect(isSubmitted(localStorage, 'cs_1')).toBe(false));
    await waitFor(() => expect(awaited()).toBeNull());
    expect(total()).toBe('€19.99');
    expect(cartNow()).toEqual([anItem()]);
  });
});

/** As another tab does it, of which this one hears by an event alone. */
function submitOpenCheckoutElsewhere(): void {
  const { beatId, licenseType, quantity } = anItem();
  const submitted = [{ beatId, licenseType, quantity }];
  const checkouts = [{ sessionId: 'cs_1', startedAt: Date.now(), submitted }];
  const key = 'beatline.checkouts';
  localStorage.setItem(key, JSON.stringify({ version: 1, checkouts }));
  window.dispatchEvent(new StorageEvent('storage', { key, storageArea: localStorage }));
}
