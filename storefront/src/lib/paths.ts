/** The shop's pages, below wherever it is served. */
export const PATHS = {
  home: '/',
  beats: '/beats',
  cart: '/cart',
  success: '/success',
  cartTest: '/cart-test',
} as const;

/** What the shop is served under, without a slash at its end. */
export const BASE = import.meta.env.BASE_URL.replace(/\/$/, '');

/** The page of a checkout's order. */
export function orderPath(sessionId: string): string {
  return `${PATHS.success}?session_id=${encodeURIComponent(sessionId)}`;
}

/** A page's whole address, for Stripe to send buyers back to. */
export function pageUrl(path: string): string {
  return `${window.location.origin}${BASE}${path}`;
}
