import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CartContents } from '../src/components/CartContents';
import { CartDrawer } from '../src/components/CartDrawer';
import { Navigation } from '../src/components/Navigation';
import { CartPage } from '../src/pages/CartPage';
import { aBeat, anItem } from './support/beats';
import { FakeApi, failure, json, success } from './support/fakeApi';
import { fillCart, renderInShop } from './support/shop';

const BEAT = 'GET /api/beats/night-bus';
const CHECKOUT = 'POST /api/stripe/create-multi-checkout';

function deferred<T>() {
  const resolvers: ((value: T) => void)[] = [];
  const promise = new Promise<T>((resolve) => resolvers.push(resolve));
  return { promise, resolve: (value: T) => resolvers.forEach((resolve) => resolve(value)) };
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('There is none.');
  return value;
}

const total = () => screen.getByText('Total').nextElementSibling?.textContent;
const checkOut = () => screen.getByRole('button', { name: /check out|opening/i });

describe('the cart', () => {
  test('changes quantity, license and total at once', async () => {
    const user = userEvent.setup();
    new FakeApi().on(BEAT, success(aBeat({ stripeWavPriceId: 'price_wav' })));
    fillCart(anItem());
    renderInShop(<CartPage />);
    await user.click(screen.getByRole('button', { name: 'One more' }));
    expect(total()).toBe('€39.98');
    await user.selectOptions(await screen.findByRole('combobox'), 'TRACKOUT_LEASE');
    expect(total()).toBe('€79.98');
  });

  test('takes an item out, and puts it back', async () => {
    const user = userEvent.setup();
    new FakeApi().on(BEAT, success(aBeat()));
    fillCart(anItem());
    renderInShop(<CartPage />);
    await user.click(screen.getByRole('button', { name: 'Remove Night Bus, WAV Lease' }));
    expect(screen.getByText(/nothing in your cart/i)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Put it back' }));
    expect(screen.getByRole('heading', { name: 'Night Bus' })).toBeTruthy();
  });

  test('puts back what a notice names, whatever was done since', async () => {
    const user = userEvent.setup();
    const beat = aBeat({ stripeWavPriceId: 'price_wav' });
    new FakeApi()
      .on(BEAT, success(beat))
      .on('GET /api/beats/day-tram', success({ ...beat, id: 'day-tram' }));
    fillCart(anItem(), anItem({ beatId: 'day-tram', title: 'Day Tram' }));
    renderInShop(<CartPage />);
    await user.click(screen.getByRole('button', { name: /remove night bus/i }));
    await user.click(screen.getByRole('button', { name: 'One more' }));
    await user.click(screen.getByRole('button', { name: 'Put it back' }));
    const titles = screen.getAllByRole('heading', { level: 3 }).map((each) => each.textContent);
    expect(titles).toEqual(['Night Bus', 'Day Tram']);
    expect(total()).toBe('€59.97');
  });

  test('leads the focus on from an item that is removed', async () => {
    const user = userEvent.setup();
    new FakeApi();
    fillCart(...['First', 'Second', 'Third'].map((title) => anItem({ beatId: title, title })));
    renderInShop(<CartPage />);
    const focused = () => document.activeElement?.textContent;
    await user.click(screen.getByRole('button', { name: /remove second/i }));
    expect(focused()).toBe('Remove Third, WAV Lease');
    await user.click(screen.getByRole('button', { name: /remove third/i }));
    expect(focused()).toBe('Remove First, WAV Lease');
    await user.click(screen.getByRole('button', { name: /remove first/i }));
    expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'Cart', level: 1 }));
  });

  test('tells notices inside the drawer while that is open, and outside of it after', async () => {
    const user = userEvent.setup();
    new FakeApi();
    fillCart(anItem());
    renderInShop(
      <>
        <Navigation />
        <CartDrawer />
      </>,
    );
    await user.click(screen.getByRole('button', { name: /^cart/i }));
    await user.click(screen.getByRole('button', { name: /remove night bus/i }));
    const dialog = screen.getByRole('dialog');
    expect(document.activeElement).toBe(within(dialog).getByRole('heading', { name: 'Cart' }));
    const notice = screen.getByText(/was taken out/);
    expect(dialog.contains(notice)).toBe(true);
    expect(notice.closest('[role=status]')).not.toBeNull();
    await user.click(within(dialog).getByRole('button', { name: 'Close' }));
    expect(screen.getByText(/was taken out/)).toBeTruthy();
  });

  test('shows a price that has changed, until the buyer has seen it', async () => {
    const user = userEvent.setup();
    new FakeApi().on(BEAT, success(aBeat({ wavLeasePrice: 24.99 })));
    fillCart(anItem());
    renderInShop(<CartPage />);
    expect(await screen.findByText(/€19.99 before/)).toBeTruthy();
    expect(total()).toBe('€24.99');
    await user.click(screen.getByRole('button', { name: /all right/i }));
    expect(screen.queryByText(/€19.99 before/)).toBeNull();
  });

  test.each([
    ['withdrawn', success(aBeat({ isActive: false })), /withdrawn/],
    [
      'not released',
      success(aBeat({ scheduledReleaseAt: '2999-01-01T00:00:00Z' })),
      /not released/,
    ],
    ['without this license', success(aBeat({ wavLeasePrice: null })), /not sold with this license/],
    ['unknown', failure(404, 'beat_not_found'), /does not know this beat/],
  ])('shows a beat that is %s, and leaves it out of the total', async (_, answer, words) => {
    new FakeApi().on(BEAT, answer);
    fillCart(anItem());
    renderInShop(<CartPage />);
    expect(await screen.findByText(words)).toBeTruthy();
    expect(total()).toBe('—');
    expect(checkOut()).toHaveProperty('disabled', true);
  });

  test('shows what it remembers while the catalogue is away', async () => {
    new FakeApi().on(BEAT, failure(403, 'forbidden'));
    fillCart(anItem());
    renderInShop(<CartPage />);
    expect(await screen.findByText(/could not be checked/)).toBeTruthy();
    expect(total()).toBe('€19.99');
    expect(checkOut()).toHaveProperty('disabled', false);
  });

  test('does not mix currencies', () => {
    new FakeApi();
    fillCart(anItem(), anItem({ beatId: 'b', currency: 'USD' }));
    renderInShop(<CartPage />);
    expect(screen.getByText(/different currencies/)).toBeTruthy();
    expect(checkOut()).toHaveProperty('disabled', true);
  });

  test('says that nothing was charged when the buyer comes back unpaid', () => {
    new FakeApi();
    fillCart(anItem());
    renderInShop(<CartPage />, '/cart?checkout=cancelled');
    expect(screen.getByText(/nothing was charged/)).toBeTruthy();
  });
});

describe('checkout', () => {
  afterEach(() => void vi.useRealTimers());

  test('asks once, however often it is clicked', async () => {
    const user = userEvent.setup();
    const assign = vi.spyOn(window.location, 'assign').mockReturnValue();
    const { promise, resolve } = deferred<Response>();
    const api = new FakeApi()
      .on(BEAT, success(aBeat({ stripeWavPriceId: 'price_wav' })))
      .on(CHECKOUT, () => promise);
    fillCart(anItem());
    renderInShop(<CartContents />);
    await user.tripleClick(checkOut());
    await user.click(checkOut());
    resolve(json(200, { url: 'https://pay.example/cs_1', sessionId: 'cs_1' }));
    await waitFor(() => expect(assign).toHaveBeenCalledWith('https://pay.example/cs_1'));
    await user.click(checkOut());
    expect(api.calls(CHECKOUT)).toHaveLength(1);
  });

  test('shows a refusal at the item it concerns, until the cart changes', async () => {
    const user = userEvent.setup();
    const details = [{ field: 'items.1.beatId', message: 'Day Tram is no longer for sale.' }];
    new FakeApi()
      .on(BEAT, success(aBeat({ stripeWavPriceId: 'price_wav' })))
      .on(
        'GET /api/beats/day-tram',
        success(aBeat({ id: 'day-tram', stripeWavPriceId: 'price_wav' })),
      )
      .on(CHECKOUT, failure(400, 'beat_withdrawn', details));
    fillCart(anItem(), anItem({ beatId: 'day-tram', title: 'Day Tram' }));
    renderInShop(<CartContents />);
    await user.click(checkOut());
    const [first, second] = screen.getAllByRole('listitem');
    await within(must(second)).findByText('Day Tram is no longer for sale.');
    expect(within(must(first)).queryByText(/no longer/)).toBeNull();
    await user.click(screen.getByRole('button', { name: /remove day tram/i }));
    expect(screen.queryByText(/no longer for sale/)).toBeNull();
  });

  test('tries again under the same key while the shop is busy', async () => {
    const user = userEvent.setup();
    const assign = vi.spyOn(window.location, 'assign').mockReturnValue();
    const api = new FakeApi()
      .on(BEAT, success(aBeat({ stripeWavPriceId: 'price_wav' })))
      .on(
        CHECKOUT,
        failure(503, 'unavailable', [], { 'Retry-After': '0' }),
        failure(429, 'too_many_requests', [], { 'Retry-After': '0' }),
        json(200, { url: 'https://pay.example/cs_1', sessionId: 'cs_1' }),
      );
    fillCart(anItem());
    renderInShop(<CartContents />);
    await user.click(checkOut());
    await waitFor(() => expect(assign).toHaveBeenCalledOnce());
    const keys = api.calls(CHECKOUT).map((request) => request.headers.get('Idempotency-Key'));
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  test('can be clicked again when the browser brings the page back as it was left', async () => {
    const user = userEvent.setup();
    vi.spyOn(window.location, 'assign').mockReturnValue();
    new FakeApi()
      .on(BEAT, success(aBeat({ stripeWavPriceId: 'price_wav' })))
      .on(CHECKOUT, json(200, { url: 'https://pay.example/cs_1', sessionId: 'cs_1' }));
    fillCart(anItem());
    renderInShop(<CartContents />);
    await user.click(checkOut());
    expect(checkOut().textContent).toMatch(/opening/i);
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    await screen.findByRole('button', { name: 'Check out' });
  });

  test('can be clicked again where the buyer has stopped the way to the payment page', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    const assign = vi.spyOn(window.location, 'assign').mockReturnValue();
    new FakeApi()
      .on(BEAT, success(aBeat({ stripeWavPriceId: 'price_wav' })))
      .on(CHECKOUT, json(200, { url: 'https://pay.example/cs_1', sessionId: 'cs_1' }));
    fillCart(anItem());
    renderInShop(<CartContents />);
    await user.click(checkOut());
    await waitFor(() => expect(assign).toHaveBeenCalledOnce());
    await act(() => vi.advanceTimersByTimeAsync(9_000));
    expect(checkOut().textContent).toMatch(/opening/i);
    await act(() => vi.advanceTimersByTimeAsync(1_100));
    expect(checkOut().textContent).toBe('Check out');
    await user.click(checkOut());
    await waitFor(() => expect(assign).toHaveBeenCalledTimes(2));
  });
});
