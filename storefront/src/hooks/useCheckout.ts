import { useMutation } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useLocation } from 'wouter';
import { sentenceOf } from '../lib/api/failure';
import { CartChanged, openCheckout, refusalsOf, type CheckoutWish } from '../lib/checkout';
import { orderPath } from '../lib/paths';
import { useCart } from './useCart';

export interface Checkout {
  start: () => void;
  isOpening: boolean;
  /** Whether the first try failed and another one is under way. */
  isRetrying: boolean;
  problem: string | null;
  /** The API's objections by item id, while the cart is as it was sent. */
  refusals: ReadonlyMap<string, string>;
}

const LEAVING = 10_000; // milliseconds in which the browser is gone, unless the buyer stopped it
const NONE: ReadonlyMap<string, string> = new Map();

/** From the cart to the payment page. */
export function useCheckout(leave: (url: string) => void = leaveFor): Checkout {
  const { items, storage } = useCart();
  const [, navigate] = useLocation();
  const opening = useMutation({
    mutationFn: (wish: CheckoutWish) => openCheckout(wish, storage),
    onSuccess: (onward) => {
      if (onward.kind === 'payment') leave(onward.url);
      else navigate(orderPath(onward.sessionId));
    },
  });
  const { mutate, reset, isIdle, isError, isSuccess, error, variables, failureCount } = opening;
  // Until the browser has left, the page can still be clicked; and state comes a moment late.
  const isUnderWay = useRef(false);
  useEffect(() => {
    isUnderWay.current = !isIdle && !isError;
  }, [isIdle, isError]);

  // The browser's back button may show this very page again, as it was left.
  useEffect(() => {
    const onPageShow = (event: PageTransitionEvent) => {
      if (event.persisted) reset();
    };
    window.addEventListener('pageshow', onPageShow);
    return () => window.removeEventListener('pageshow', onPageShow);
  }, [reset]);

  useEffect(() => {
    if (!isSuccess) return;
    const timer = setTimeout(reset, LEAVING);
    return () => clearTimeout(timer);
  }, [isSuccess, reset]);

  const start = useCallback(() => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    mutate({ items, key: storage.read().checkoutKey });
  }, [items, mutate, storage]);

  const isCurrent = variables?.items === items || error instanceof CartChanged;
  const refusals = useMemo(
    () => (isError && isCurrent ? refusalsOf(error, variables.items) : NONE),
    [isError, isCurrent, error, variables],
  );
  return {
    start,
    isOpening: !isIdle && !isError,
    isRetrying: !isIdle && !isError && failureCount > 0,
    problem: isError && isCurrent ? sentenceOf(error) : null,
    refusals,
  };
}

function leaveFor(url: string): void {
  window.location.assign(url);
}
