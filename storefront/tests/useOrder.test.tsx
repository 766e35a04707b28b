import { renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useSettlement } from '../src/hooks/useOrder';
import { ApiFailure, NoAnswer } from '../src/lib/api/failure';
import { isSubmitted, rememberCheckout, submitCheckout } from '../src/lib/cart/openCheckouts';
import { anItem } from './support/beats';
import { Surroundings } from './support/shop';

const failed = (status: number, code: string) =>
  new ApiFailure(new Response(null, { status }), { success: false, error: 'No.', code });

test.each<[string, Error, boolean]>([
  ['ends where the shop knows no such order', failed(404, 'order_not_found'), false],
  ['goes on where there is no such page', failed(404, 'not_found'), true],
  ['goes on while the shop is away', failed(503, 'unavailable'), true],
  ['goes on while no answer comes', new NoAnswer(new TypeError('Failed to fetch')), true],
])('a payment under way %s', (_, error, goesOn) => {
  rememberCheckout(localStorage, { sessionId: 'cs_1', startedAt: Date.now() });
  submitCheckout(localStorage, 'cs_1', [anItem()]);
  renderHook(() => useSettlement('cs_1', { data: undefined, error }), { wrapper: Surroundings });
  expect(isSubmitted(localStorage, 'cs_1')).toBe(goesOn);
});
