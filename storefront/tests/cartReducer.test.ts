import { describe, expect, test } from 'vitest';
import {
  buyable,
  countOf,
  currencyOf,
  itemId,
  totalOf,
  withSubmissions,
} from '../src/lib/cart/items';
import { cartReducer } from '../src/lib/cart/reducer';
import type { CartAction, CartItem, CartState } from '../src/types/cart';
import { anItem } from './support/beats';

const WAV = anItem();
const STEMS = anItem({ licenseType: 'TRACKOUT_LEASE', priceId: 'price_trackout', unitPrice: 3999 });
const OTHER = anItem({ beatId: 'day-tram', title: 'Day Tram', priceId: 'price_other' });

function cartOf(...items: CartItem[]): CartState {
  return { items, isOpen: false, undo: null, submissions: {} };
}

function after(state: CartState, ...actions: CartAction[]): CartState {
  return actions.reduce(cartReducer, state);
}

describe('adding', () => {
  test('two licenses of one beat are two items', () => {
    const { items } = after(cartOf(), { type: 'added', item: WAV }, { type: 'added', item: STEMS });
    expect(items).toEqual([WAV, STEMS]);
  });

  test('the same license again is more of the same item, ten at the most', () => {
    const added = Array<CartAction>(14).fill({ type: 'added', item: WAV });
    expect(after(cartOf(), ...added).items).toEqual([{ ...WAV, quantity: 10 }]);
  });

  test('a price just seen replaces the one remembered', () => {
    const state = after(cartOf(WAV), { type: 'added', item: { ...WAV, unitPrice: 2499 } });
    expect(totalOf(state.items)).toBe(2 * 2499);
  });

  test('the fifty-first item stays out', () => {
    const full = Array.from({ length: 50 }, (_, n) => anItem({ beatId: `beat-${n}` }));
    expect(after(cartOf(...full), { type: 'added', item: WAV }).items).toEqual(full);
  });
});

describe('removing', () => {
  test('what was removed can be put back where it was', () => {
    const removed = after(cartOf(WAV, STEMS, OTHER), { type: 'removed', id: itemId(STEMS) });
    expect(removed.items).toEqual([WAV, OTHER]);
    expect(after(removed, { type: 'undone' }).items).toEqual([WAV, STEMS, OTHER]);
  });

  test('an emptied cart can be filled again', () => {
    const emptied = after(cartOf(WAV, OTHER), { type: 'cleared' });
    expect(emptied.items).toEqual([]);
    expect(after(emptied, { type: 'undone' }).items).toEqual([WAV, OTHER]);
  });

  test('undo ends with the next change, so that it never takes that back', () => {
    const state = after(
      cartOf(WAV),
      { type: 'removed', id: itemId(WAV) },
      { type: 'added', item: OTHER },
      { type: 'undone' },
    );
    expect(state.items).toEqual([OTHER]);
  });

  test('what was removed goes back to its place, whatever was done since', () => {
    const state = after(
      cartOf(WAV, STEMS),
      { type: 'removed', id: itemId(WAV) },
      { type: 'added', item: OTHER },
      { type: 'putBack', item: WAV, index: 0 },
    );
    expect(state.items).toEqual([WAV, STEMS, OTHER]);
    expect(state.undo).toBeNull();
  });

  test.each([
    [1, 3, 3],
    [3, 1, 3],
  ])('%d in the cart again and %d put back are %d', (now, before, left) => {
    const state = after(cartOf(OTHER, { ...WAV, unitPrice: 2499, quantity: now }), {
      type: 'putBack',
      item: { ...WAV, quantity: before },
      index: 0,
    });
    expect(state.items).toEqual([OTHER, { ...WAV, unitPrice: 2499, quantity: left }]);
  });

  test('putting back takes no item beyond the fiftieth', () => {
    const full = Array.from({ length: 50 }, (_, n) => anItem({ beatId: `beat-${n}` }));
    const state = cartOf(...full);
    expect(after(state, { type: 'putBack', item: WAV, index: 0 })).toBe(state);
  });

  test('an item put back is kept without the mark of its payment', () => {
    const item = { ...WAV, submittedIn: 'cs_1' };
    expect(after(cartOf(), { type: 'putBack', item, index: 0 }).items).toEqual([WAV]);
  });

  test('removing what is not there changes nothing', () => {
    const state = cartOf(WAV);
    expect(after(state, { type: 'removed', id: 'no:such' })).toBe(state);
  });
});

describe('changing', () => {
  test.each([
    [5, 5],
    [0, 1],
    [-3, 1],
    [99, 10],
    [2.7, 2],
    [Number.NaN, 1],
  ])('a quantity of %d is %d', (asked, kept) => {
    const state = after(cartOf(WAV), { type: 'quantityChanged', id: itemId(WAV), quantity: asked });
    expect(state.items[0]?.quantity).toBe(kept);
  });

  test('another license keeps the quantity and the place', () => {
    const twice = { ...WAV, quantity: 2 };
    const state = after(cartOf(twice, OTHER), {
      type: 'licenseChanged',
      id: itemId(WAV),
      item: STEMS,
    });
    expect(state.items).toEqual([{ ...STEMS, quantity: 2 }, OTHER]);
  });

  test('a license that is in the cart already takes the other one in', () => {
    const state = after(cartOf(WAV, { ...STEMS, quantity: 3 }), {
      type: 'licenseChanged',
      id: itemId(WAV),
      item: STEMS,
    });
    expect(state.items).toEqual([{ ...STEMS, quantity: 4 }]);
  });

  test('the drawer opens and closes', () => {
    expect(after(cartOf(), { type: 'toggled' }).isOpen).toBe(true);
    expect(after(cartOf(), { type: 'toggled' }, { type: 'toggled' }).isOpen).toBe(false);
    const open = after(cartOf(), { type: 'opened' });
    expect(open.isOpen).toBe(true);
    expect(after(open, { type: 'opened' })).toBe(open);
  });
});

describe('what the catalogue says', () => {
  const id = itemId(WAV);
  const offer = (unitPrice: number) => ({ priceId: 'price_new', unitPrice, currency: 'EUR' });

  test('a changed price counts at once, with the old one beside it until it is seen', () => {
    const changed = after(cartOf(WAV), { type: 'checked', findings: [{ id, offer: offer(2499) }] });
    expect(changed.items).toEqual([
      { ...WAV, unitPrice: 2499, priceId: 'price_new', previousPrice: 1999 },
    ]);
    const seen = after(changed, { type: 'priceSeen', id });
    expect(seen.items).toEqual([{ ...WAV, unitPrice: 2499, priceId: 'price_new' }]);
  });

  test('a price that goes back to what it was is no news', () => {
    const state = after(
      cartOf(WAV),
      { type: 'checked', findings: [{ id, offer: offer(2499) }] },
      { type: 'checked', findings: [{ id, offer: offer(1999) }] },
    );
    expect(state.items).toEqual([{ ...WAV, priceId: 'price_new' }]);
  });

  test('a withdrawn beat stays in sight and out of the total', () => {
    const state = after(cartOf(WAV, OTHER), {
      type: 'checked',
      findings: [{ id, unavailable: 'withdrawn' }],
    });
    expect(state.items).toEqual([{ ...WAV, unavailable: 'withdrawn' }, OTHER]);
    expect(totalOf(state.items)).toBe(OTHER.unitPrice);
  });

  test('a beat that is back on sale counts again', () => {
    const state = after(cartOf({ ...WAV, unavailable: 'withdrawn' }), {
      type: 'checked',
      findings: [{ id, offer: { ...offer(1999), priceId: WAV.priceId } }],
    });
    expect(state.items).toEqual([WAV]);
  });

  test('an equal finding leaves the very same state, so that checking never loops', () => {
    const state = cartOf(WAV);
    const findings = [{ id, offer: { ...offer(1999), priceId: WAV.priceId } }];
    expect(after(state, { type: 'checked', findings })).toBe(state);
  });
});

describe('what is being paid for', () => {
  test('is neither bought again nor in the total', () => {
    const items = withSubmissions([WAV, STEMS, OTHER], { [itemId(STEMS)]: 'cs_1' });
    expect(items).toEqual([WAV, { ...STEMS, submittedIn: 'cs_1' }, OTHER]);
    expect(buyable(items)).toEqual([WAV, OTHER]);
    expect(totalOf(items)).toBe(2 * 1999);
  });

  test('leaves the very same state where nothing has changed', () => {
    const state = { ...cartOf(WAV), submissions: { [itemId(WAV)]: 'cs_1' } };
    const submissions = { [itemId(WAV)]: 'cs_1' };
    expect(after(state, { type: 'submissionsRead', submissions })).toBe(state);
    expect(after(state, { type: 'submissionsRead', submissions: {} }).submissions).toEqual({});
  });
});

describe('after paying', () => {
  test('what was paid for leaves, what was added since stays', () => {
    const state = after(cartOf({ ...WAV, quantity: 3 }, OTHER), {
      type: 'purchased',
      bought: [{ beatId: WAV.beatId, licenseType: WAV.licenseType, quantity: 2 }],
    });
    expect(state.items).toEqual([WAV, OTHER]);
  });
});

describe('totals', () => {
  test('are exact to the cent', () => {
    const items = Array.from({ length: 50 }, (_, n) =>
      anItem({ beatId: `beat-${n}`, unitPrice: 1999, quantity: 10 }),
    );
    expect(totalOf(items)).toBe(999_500);
    expect(countOf(items)).toBe(500);
  });

  test('have no currency where several meet', () => {
    expect(currencyOf([WAV, OTHER])).toBe('EUR');
    expect(currencyOf([WAV, { ...OTHER, currency: 'USD' }])).toBeNull();
    expect(currencyOf([WAV, { ...OTHER, currency: 'USD', unavailable: 'unknown' }])).toBe('EUR');
    expect(currencyOf([])).toBeNull();
  });
});
