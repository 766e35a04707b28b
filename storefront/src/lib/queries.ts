import { QueryClient } from '@tanstack/react-query';
import { retryDelay, shouldRetry } from './api/retry';

/** Remembers answers for as long as the shop is open, and asks again where that may help. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: shouldRetry, retryDelay, staleTime: 30_000, gcTime: 10 * 60_000 },
      mutations: { retry: shouldRetry, retryDelay, networkMode: 'always' },
    },
  });
}
