import { queryOptions, keepPreviousData } from '@tanstack/react-query';
import type { BeatQuery } from '../types/beat';
import { answerOf, api } from './api/client';

/** One page of the beats on sale; the page before stays until it is there. */
export function beatsQuery(query: BeatQuery) {
  return queryOptions({
    queryKey: ['beats', query],
    queryFn: ({ signal }) => answerOf(api.GET('/api/beats', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** One beat, on sale or not. */
export function beatQuery(beatId: string) {
  return queryOptions({
    queryKey: ['beat', beatId],
    queryFn: async ({ signal }) => {
      const path = { beatId };
      return (await answerOf(api.GET('/api/beats/{beatId}', { params: { path }, signal }))).data;
    },
  });
}

export const genresQuery = queryOptions({
  queryKey: ['genres'],
  queryFn: async ({ signal }) => (await answerOf(api.GET('/api/beats/genres', { signal }))).data,
  staleTime: 10 * 60_000,
});

export const licensesQuery = queryOptions({
  queryKey: ['licenses'],
  queryFn: async ({ signal }) => (await answerOf(api.GET('/api/licenses', { signal }))).data,
  staleTime: Infinity,
});
