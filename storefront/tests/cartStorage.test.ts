import { describe, expect, test, vi } from 'vitest';
import { CART_KEY, CartStorage } from '../src/lib/cart/storage';
import { anItem } from './support/beats';

const storage = () => new CartStorage(localStorage);

describe('the stored cart', () => {
  test('is there on the next visit', () => {
    const items = [
      anItem({ previousPrice: 999 }),
      anItem({ beatId: 'b', unavailable: 'withdrawn' }),
    ];
    storage().write(items);
    expect(storage().read().items).toEqual(items);
  });

  test.each([
    ['nothing', ''],
    ['text that was cut off', '{"version":1,"items":['],
    ['a number', '7'],
    ['a list', '[]'],
    ['null', 'null'],
    ['an older shape', '{"items":[{"id":"night-bus"}]}'],
    ['a newer shape', '{"version":2,"items":{"night-bus":1}}'],
    ['items that are no list', '{"version":1,"items":"none"}'],
  ])('is empty where the browser holds %s', (_, text) => {
    localStorage.setItem(CART_KEY, text);
    expect(storage().read().items).toEqual([]);
  });

  test('loses only the items that cannot be read', () => {
    const good = anItem();
    const broken = [
      null,
      7,
      {},
      { ...good, beatId: '' },
      { ...good, licenseType: 'EVERYTHING_LEASE' },
      { ...good, unitPrice: 19.99 },
      { ...good, unitPrice: -1 },
      { ...good, unitPrice: '1999' },
      { ...good, currency: 'euros' },
      { ...good, priceId: undefined },
    ];
    localStorage.setItem(CART_KEY, JSON.stringify({ version: 1, items: [...broken, good] }));
    expect(storage().read().items).toEqual([good]);
  });

  test('puts odd quantities and doubled items right', () => {
    const items = [anItem({ quantity: 400 }), anItem({ beatId: 'b', quantity: -2 }), anItem()];
    localStorage.setItem(CART_KEY, JSON.stringify({ version: 1, items }));
    expect(storage().read().items).toEqual([
      anItem({ quantity: 10 }),
      anItem({ beatId: 'b', quantity: 1 }),
    ]);
  });
});

describe('the checkout key', () => {
  test('stays while the cart stays, over reloads and in other tabs', () => {
    storage().write([anItem()]);
    const { checkoutKey } = storage().read();
    storage().write([anItem()]);
    expect(checkoutKey).toMatch(/^[\x21-\x7e]{16,255}$/);
    expect(storage().read().checkoutKey).toBe(checkoutKey);
  });

  test('changes with the cart', () => {
    const keys = new Set<string>();
    for (const items of [[anItem()], [anItem({ quantity: 2 })], [], [anItem()]]) {
      storage().write(items);
      keys.add(storage().read().checkoutKey);
    }
    expect(keys.size).toBe(4);
  });

  test('can be renewed for the same cart', () => {
    storage().write([anItem()]);
    const { checkoutKey } = storage().read();
    const renewed = storage().renewKey(checkoutKey);
    expect(renewed).toMatch(/^[\x21-\x7e]{16,255}$/);
    expect(renewed).not.toBe(checkoutKey);
    expect(storage().read()).toEqual({ items: [anItem()], checkoutKey: renewed });
  });

  test('is renewed once for all that were told no under it, and again under the next', () => {
    storage().write([anItem()]);
    const { checkoutKey } = storage().read();
    const renewed = storage().renewKey(checkoutKey) ?? '';
    expect(storage().renewKey(checkoutKey)).toBe(renewed);
    const again = storage().renewKey(renewed) ?? '';
    expect(new Set([checkoutKey, renewed, again]).size).toBe(3);
    expect(again).toHaveLength(renewed.length);
  });

  test('of a cart that has changed meanwhile stays', () => {
    storage().write([anItem()]);
    const { checkoutKey } = storage().read();
    storage().write([anItem({ quantity: 2 })]);
    const changed = storage().read();
    expect(storage().renewKey(checkoutKey)).toBeNull();
    expect(storage().read()).toEqual(changed);
  });
});

describe('without storage', () => {
  test('a full browser keeps the cart in the tab, and says that it will not last', () => {
    vi.spyOn(console, 'warn').mockReturnValue();
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    const cart = new CartStorage(full as unknown as Storage);
    cart.write([anItem()]);
    expect(cart.isLasting).toBe(false);
    expect(cart.read().items).toEqual([anItem()]);
  });

  test('a closed one does so from the start', () => {
    const cart = new CartStorage(null);
    cart.write([anItem()]);
    expect(cart.isLasting).toBe(false);
    expect(cart.read().items).toEqual([anItem()]);
  });
});

describe('other tabs', () => {
  test('are heard, until nobody listens any more', () => {
    const heard = vi.fn();
    const stop = storage().subscribe(heard);
    localStorage.setItem(CART_KEY, JSON.stringify({ version: 1, items: [anItem()] }));
    const change = () =>
      window.dispatchEvent(
        new StorageEvent('storage', { key: CART_KEY, storageArea: localStorage }),
      );
    change();
    expect(heard).toHaveBeenCalledExactlyOnceWith([anItem()]);
    window.dispatchEvent(new StorageEvent('storage', { key: 'other', storageArea: localStorage }));
    stop();
    change();
    expect(heard).toHaveBeenCalledTimes(1);
  });

  test('that were missed in sleep are caught up with', () => {
    const heard = vi.fn();
    storage().subscribe(heard);
    window.dispatchEvent(new Event('pageshow'));
    expect(heard).toHaveBeenCalledExactlyOnceWith([]);
  });
});
