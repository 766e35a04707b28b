import { describe, expect, test, vi } from 'vitest';
import {
  isSubmitted,
  onSubmissions,
  openCheckouts,
  rememberCheckout,
  settleCheckout,
  submissionsIn,
  submitCheckout,
} from '../src/lib/cart/openCheckouts';
import { anItem, anOrder } from './support/beats';

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

describe('submitted checkouts', () => {
  const { items } = anOrder();
  const submit = (id: string) => submitCheckout(localStorage, id, items);

  test('tell what is being paid for, and in which of them', () => {
    rememberCheckout(localStorage, opened('1'));
    submit('1');
    expect(openCheckouts(localStorage)[0]?.submitted).toEqual([
      { beatId: 'night-bus', licenseType: 'WAV_LEASE', quantity: 1 },
    ]);
    expect(submissionsIn(localStorage)).toEqual({ 'night-bus:WAV_LEASE': '1' });
    expect(isSubmitted(localStorage, '1')).toBe(true);
    expect(isSubmitted(localStorage, '2')).toBe(false);
  });

  test('are those that were kept alone', () => {
    submit('1');
    expect(openCheckouts(localStorage)).toEqual([]);
  });

  test('are kept, however old they are and however many pages are opened after them', () => {
    rememberCheckout(localStorage, opened('0', Date.now() - 6 * 24 * 3_600_000));
    submit('0');
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 30 * 24 * 3_600_000);
    for (const id of ['1', '2', '3', '4', '5', '6']) rememberCheckout(localStorage, opened(id));
    const ids = openCheckouts(localStorage).map(({ sessionId }) => sessionId);
    expect(ids).toEqual(['6', '5', '4', '3', '2', '0']);
    expect(isSubmitted(localStorage, '0')).toBe(true);
  });

  test('stay so when their page is opened again', () => {
    rememberCheckout(localStorage, opened('1'));
    submit('1');
    rememberCheckout(localStorage, opened('1'));
    expect(isSubmitted(localStorage, '1')).toBe(true);
  });

  test('are told of once, and once more when they are settled', () => {
    const heard = vi.fn();
    const stop = onSubmissions(localStorage, heard);
    rememberCheckout(localStorage, opened('1'));
    submit('1');
    submit('1'); // each look at the order does so
    expect(heard).toHaveBeenCalledTimes(1);
    settleCheckout(localStorage, '1');
    expect(heard).toHaveBeenCalledTimes(2);
    stop();
    rememberCheckout(localStorage, opened('2'));
    submit('2');
    expect(heard).toHaveBeenCalledTimes(2);
  });

  test('lose only the items that cannot be read', () => {
    const { beatId, licenseType, quantity } = anItem();
    const good = { beatId, licenseType, quantity };
    const submitted = [null, 7, {}, { ...good, licenseType: 'ALL' }, { beatId }, good];
    const checkouts = [
      { ...opened('1'), submitted },
      { ...opened('2'), submitted: 'all' },
    ];
    localStorage.setItem('beatline.checkouts', JSON.stringify({ version: 1, checkouts }));
    expect(openCheckouts(localStorage).map((each) => each.submitted)).toEqual([[good], undefined]);
  });
});
