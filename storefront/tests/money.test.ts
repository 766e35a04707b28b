import { describe, expect, test } from 'vitest';
import { formatMoney, toMinor } from '../src/lib/money';

describe('money', () => {
  test('amounts become whole cents, also where floating point is a little off', () => {
    for (let cents = 0; cents <= 20_000; cents++) {
      expect(toMinor(Number((cents / 100).toFixed(2)), 'EUR')).toBe(cents);
    }
  });

  test('a currency without cents is counted in its own unit', () => {
    expect(toMinor(1500, 'JPY')).toBe(1500);
    expect(formatMoney(1500, 'JPY')).toBe('¥1,500');
  });

  test('amounts are written with their two decimals', () => {
    expect(formatMoney(11_900, 'EUR')).toBe('€119.00');
    expect(formatMoney(29, 'USD')).toBe('$0.29');
  });
});
