import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import type { Order } from '../types/order';
import { settleCheckout } from '../lib/cart/openCheckouts';
import { openStorage } from '../lib/cart/storage';
import { isPaid, isSettled, orderQuery } from '../lib/orders';
import { useCartActions } from './useCart';

/** The order of a payment page, followed until it is settled. */
export function useOrder(sessionId: string) {
  const answer = useQuery(orderQuery(sessionId));
  useSettlement(answer.data);
  return answer;
}

/** Takes what an order has paid for out of the cart, once, and tells whoever wants to know. */
export function useSettlement(order: Order | undefined, onPaid?: () => void): void {
  const { takeOutPurchased } = useCartActions();
  const settle = useEffectEvent((settled: Order, sessionId: string) => {
    if (!isPaid(settled) && !isSettled(settled)) return;
    if (settleCheckout(openStorage(), sessionId) && isPaid(settled)) {
      takeOutPurchased(settled.items);
      onPaid?.();
    }
  });
  useEffect(() => {
    if (order?.sessionId) settle(order, order.sessionId);
  }, [order]);
}
