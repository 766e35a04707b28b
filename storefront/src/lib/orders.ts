import { queryOptions } from '@tanstack/react-query';
import type { Order, OrderDownloads, OrderStatus } from '../types/order';
import { answerOf, api } from './api/client';
import { ApiFailure } from './api/failure';

const FIRST_PAUSE = 1_000; // milliseconds between two looks at an order
const LONGEST_PAUSE = 15_000;
const SETTLED: ReadonlySet<OrderStatus> = new Set([
  'COMPLETED',
  'CANCELLED',
  'FAILED',
  'REFUNDED',
  'DISPUTED',
]);

/** Whether the order is past waiting for: asking again soon would tell nothing new. */
export function isSettled(order: Order): boolean {
  return SETTLED.has(order.status);
}

/** Whether the money has come in, so that the cart has done its part. */
export function isPaid(order: Order): boolean {
  return order.status === 'PAID' || order.status === 'COMPLETED';
}

/** Whether the shop has said that it knows no such order; no other failure says so. */
export function isUnknownOrder(error: unknown): boolean {
  return error instanceof ApiFailure && error.code === 'order_not_found';
}

/** Milliseconds until the next look, longer each time. */
export function pollPause(looks: number): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 1.35 ** looks);
}

export async function fetchOrder(sessionId: string, signal?: AbortSignal): Promise<Order> {
  const params = { path: { sessionId } };
  const options = signal ? { params, signal } : { params };
  return (await answerOf(api.GET('/api/orders/multi-payment/{sessionId}', options))).data;
}

/** The order of a payment page, looked at again until it is settled. */
export function orderQuery(sessionId: string) {
  return queryOptions({
    queryKey: ['order', sessionId],
    queryFn: ({ signal }) => fetchOrder(sessionId, signal),
    staleTime: 0,
    refetchInterval: ({ state }) => {
      if (state.data && isSettled(state.data)) return false;
      if (state.error instanceof ApiFailure && state.error.status === 404) return false;
      return pollPause(state.dataUpdateCount + state.errorUpdateCount);
    },
  });
}

export interface TimedDownloads extends OrderDownloads {
  /** When the links end, on this device's clock, which may be wrong. */
  endsAt: number;
}

/** Fresh links to everything that an order's licenses grant. */
export function downloadsQuery(order: Order) {
  return queryOptions({
    queryKey: ['downloads', order.id],
    queryFn: async ({ signal }): Promise<TimedDownloads> => {
      const call = api.POST('/api/download/multi-order/{orderId}', {
        params: { path: { orderId: order.id } },
        body: { customerEmail: order.customerEmail ?? '' },
        signal,
      });
      const downloads = (await answerOf(call)).data;
      const serverNow = Date.parse((await call).response.headers.get('Date') ?? '');
      const skew = Number.isNaN(serverNow) ? 0 : Date.now() - serverNow;
      return { ...downloads, endsAt: Date.parse(downloads.expiresAt) + skew };
    },
    enabled: order.status === 'COMPLETED' && order.customerEmail !== null,
    staleTime: Infinity,
    gcTime: 0,
  });
}
