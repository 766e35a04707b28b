import { describe, expect, test } from 'vitest';
import { openCheckouts, rememberCheckout, settleCheckout } from '../src/lib/cart/openCheckouts';

const opened = (sessionId: string, startedAt = Date.now()) => {
  return { sessionId, startedAt };
};

describe('open checkouts', () => {
  test('are remembered once each, the newest first, five at the most', () => {
    for (const id of ['1', '2', '3', '4', '5', '6', '3'])
      rememberCheckout(localStorage, opened(id));
    expect(openCheckouts(localStorage).map(({ sessionId }) => sessionId)).toEqual([
      '3',
      '6',
      '5',
      '4',
      '2',
    ]);
  });

  test('are settled by one tab alone', () => {
    rememberCheckout(localStorage, opened('1'));
    expect(settleCheckout(localStorage, '1')).toBe(true);
    expect(settleCheckout(localStorage, '1')).toBe(false);
    expect(openCheckouts(localStorage)).toEqual([]);
  });

  test('are forgotten after a week', () => {
    rememberCheckout(localStorage, opened('1', Date.now() - 8 * 24 * 3_600_000));
    expect(openCheckouts(localStorage)).toEqual([]);
  });

  test.each(['', '{', '7', '{"version":1,"checkouts":[7,{}]}'])(
    'in the shape of %j are none',
    (text) => {
      localStorage.setItem('beatline.checkouts', text);
      expect(openCheckouts(localStorage)).toEqual([]);
    },
  );

  test('need no storage', () => {
    rememberCheckout(null, opened('1'));
    expect(openCheckouts(null)).toEqual([]);
  });
});
