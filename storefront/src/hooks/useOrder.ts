import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import type { Order } from '../types/order';
import { settleCheckout, submitCheckout } from '../lib/cart/openCheckouts';
import { openStorage } from '../lib/cart/storage';
import { isPaid, isSettled, isUnknownOrder, orderQuery } from '../lib/orders';
import { useCartActions } from './useCart';

/** The order of a payment page, followed until it is settled. */
export function useOrder(sessionId: string) {
  const answer = useQuery(orderQuery(sessionId));
  useSubmission(sessionId, answer.data);
  useSettlement(sessionId, answer);
  return answer;
}

/** Marks what an order waits to be paid for: Stripe sends buyers here once they have submitted. */
function useSubmission(sessionId: string, order: Order | undefined): void {
  useEffect(() => {
    if (order?.status === 'PENDING') submitCheckout(openStorage(), sessionId, order.items);
  }, [sessionId, order]);
}

interface Answer {
  data: Order | undefined;
  error: unknown;
}

/**
 * Takes what an order has paid for out of the cart, once, and tells whoever wants to know. Of an
 * order that the shop does not know nothing will ever be heard: its items can be bought again.
 */
export function useSettlement(
  sessionId: string,
  { data: order, error }: Answer,
  onPaid?: () => void,
): void {
  const { takeOutPurchased } = useCartActions();
  const settle = useEffectEvent((settled: Order) => {
    if (!isPaid(settled) && !isSettled(settled)) return;
    if (settleCheckout(openStorage(), sessionId) && isPaid(settled)) {
      takeOutPurchased(settled.items);
      onPaid?.();
    }
  });
  useEffect(() => {
    if (order) settle(order);
  }, [order]);
  useEffect(() => {
    if (isUnknownOrder(error)) settleCheckout(openStorage(), sessionId);
  }, [sessionId, error]);
}
