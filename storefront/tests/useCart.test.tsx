import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { CartProvider } from '../src/contexts/CartContext';
import { useCart } from '../src/hooks/useCart';
import { CART_KEY, CartStorage } from '../src/lib/cart/storage';
import { flushEvents } from '../src/lib/metrics';
import { anItem } from './support/beats';
import { fillCart } from './support/shop';

function aCart() {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <CartProvider>{children}</CartProvider>
  );
  return renderHook(() => useCart(), { wrapper }).result;
}

/** What the browser tells other tabs once one has changed the cart. */
function tellOtherTabs(): void {
  const event = new StorageEvent('storage', { key: CART_KEY, storageArea: localStorage });
  act(() => {
    window.dispatchEvent(event);
  });
}

describe('useCart', () => {
  test('adds, counts and sums', () => {
    const cart = aCart();
    act(() => cart.current.addToCart(anItem()));
    act(() => cart.current.addToCart(anItem({ licenseType: 'TRACKOUT_LEASE', unitPrice: 3999 })));
    act(() => cart.current.updateQuantity('night-bus:WAV_LEASE', 3));
    expect(cart.current.totalItems).toBe(4);
    expect(cart.current.totalPrice).toBe(3 * 1999 + 3999);
    expect(cart.current.currency).toBe('EUR');
  });

  test('removes, and takes the removal back', () => {
    fillCart(anItem());
    const cart = aCart();
    act(() => cart.current.removeFromCart(anItem()));
    expect(cart.current.items).toEqual([]);
    expect(cart.current.canUndo).toBe(true);
    act(() => cart.current.undo());
    expect(cart.current.items).toEqual([anItem()]);
    expect(cart.current.canUndo).toBe(false);
  });

  test('clears and toggles', () => {
    fillCart(anItem());
    const cart = aCart();
    act(() => cart.current.clearCart());
    act(() => cart.current.toggleCart());
    expect(cart.current.totalItems).toBe(0);
    expect(cart.current.isOpen).toBe(true);
  });

  test('is as it was after a reload', () => {
    const before = aCart();
    act(() => before.current.addToCart(anItem({ quantity: 2 })));
    expect(aCart().current.items).toEqual([anItem({ quantity: 2 })]);
  });

  test('keeps in step with another tab', () => {
    const [one, other] = [aCart(), aCart()];
    act(() => one.current.addToCart(anItem()));
    tellOtherTabs();
    expect(other.current.items).toEqual([anItem()]);
    act(() => other.current.clearCart());
    tellOtherTabs();
    expect(one.current.items).toEqual([]);
  });

  test('leaves the key alone when it only hears of a change', () => {
    const [one] = [aCart(), aCart()];
    act(() => one.current.addToCart(anItem()));
    const { checkoutKey } = new CartStorage(localStorage).read();
    tellOtherTabs();
    expect(new CartStorage(localStorage).read().checkoutKey).toBe(checkoutKey);
  });

  test('says so where there is no cart around it', () => {
    vi.spyOn(console, 'error').mockReturnValue();
    expect(() => renderHook(() => useCart())).toThrow(/CartProvider/);
  });
});

describe('metrics', () => {
  test('name the beat and its license, and nothing of the buyer', () => {
    const beacon = vi.spyOn(navigator, 'sendBeacon').mockReturnValue(true);
    const cart = aCart();
    act(() => cart.current.addToCart(anItem()));
    act(() => cart.current.removeFromCart(anItem()));
    flushEvents();
    expect(beacon).toHaveBeenCalledTimes(1);
    const [url, body] = beacon.mock.calls[0] ?? [];
    expect(url).toBe('/api/events');
    expect(JSON.parse(body as string)).toEqual({
      events: [
        { type: 'add_to_cart', beatId: 'night-bus', licenseType: 'WAV_LEASE' },
        { type: 'remove_from_cart', beatId: 'night-bus', licenseType: 'WAV_LEASE' },
      ],
    });
  });

  test('that nobody takes are lost without a word', () => {
    vi.spyOn(navigator, 'sendBeacon').mockReturnValue(false);
    const cart = aCart();
    act(() => cart.current.addToCart(anItem()));
    expect(() => flushEvents()).not.toThrow();
  });
});
