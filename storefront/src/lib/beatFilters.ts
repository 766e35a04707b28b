import type { BeatQuery } from '../types/beat';

export const PAGE_SIZE = 12;

/** What the beats page shows, as its address says it. */
export interface BeatFilters {
  search: string;
  genre: string;
  key: string;
  bpmMin: number | null;
  bpmMax: number | null;
  hasStems: boolean;
  sort: Sort;
  page: number;
}

export const SORTS = {
  newest: { name: 'Newest', sortField: 'createdAt', sortOrder: 'desc' },
  title: { name: 'Title', sortField: 'title', sortOrder: 'asc' },
  slow: { name: 'Slow to fast', sortField: 'bpm', sortOrder: 'asc' },
  fast: { name: 'Fast to slow', sortField: 'bpm', sortOrder: 'desc' },
  cheap: { name: 'Price, low to high', sortField: 'price', sortOrder: 'asc' },
  dear: { name: 'Price, high to low', sortField: 'price', sortOrder: 'desc' },
} as const satisfies Record<string, BeatQuery & { name: string }>;

export type Sort = keyof typeof SORTS;

const NO_FILTERS: BeatFilters = {
  search: '',
  genre: '',
  key: '',
  bpmMin: null,
  bpmMax: null,
  hasStems: false,
  sort: 'newest',
  page: 1,
};
const FASTEST = 1000;
const LONGEST_SEARCH = 200;

/** The filters of an address; what makes no sense in it is as if it were not there. */
export function filtersFrom(address: URLSearchParams): BeatFilters {
  const sort = address.get('sort') ?? '';
  return {
    search: (address.get('search') ?? '').slice(0, LONGEST_SEARCH),
    genre: address.get('genre') ?? '',
    key: address.get('key') ?? '',
    bpmMin: wholeNumber(address.get('bpmMin'), 0, FASTEST),
    bpmMax: wholeNumber(address.get('bpmMax'), 0, FASTEST),
    hasStems: address.get('stems') === 'yes',
    sort: isSort(sort) ? sort : NO_FILTERS.sort,
    page: wholeNumber(address.get('page'), 1, 1_000_000) ?? 1,
  };
}

/** The address of filters, as short as it goes. */
export function addressOf(filters: BeatFilters): URLSearchParams {
  const address = new URLSearchParams();
  if (filters.search) address.set('search', filters.search);
  if (filters.genre) address.set('genre', filters.genre);
  if (filters.key) address.set('key', filters.key);
  if (filters.bpmMin !== null) address.set('bpmMin', String(filters.bpmMin));
  if (filters.bpmMax !== null) address.set('bpmMax', String(filters.bpmMax));
  if (filters.hasStems) address.set('stems', 'yes');
  if (filters.sort !== NO_FILTERS.sort) address.set('sort', filters.sort);
  if (filters.page > 1) address.set('page', String(filters.page));
  return address;
}

/** What to ask the API for. */
export function queryOf(filters: BeatFilters): BeatQuery {
  const { sortField, sortOrder } = SORTS[filters.sort];
  const query: BeatQuery = { page: filters.page, limit: PAGE_SIZE, sortField, sortOrder };
  if (filters.search.trim()) query.search = filters.search.trim();
  if (filters.genre) query.genre = filters.genre;
  if (filters.key) query.key = filters.key;
  if (filters.bpmMin !== null) query.bpmMin = filters.bpmMin;
  if (filters.bpmMax !== null) query.bpmMax = filters.bpmMax;
  if (filters.hasStems) query.hasStems = true;
  return query;
}

/** How many filters hold beats back; sorting and paging hold none. */
export function filterCount(filters: BeatFilters): number {
  const { search, genre, key, bpmMin, bpmMax, hasStems } = filters;
  return [search, genre, key, bpmMin !== null || bpmMax !== null, hasStems].filter(Boolean).length;
}

/** Filters with some of them changed: that begins at the first page again. */
export function withFilters(filters: BeatFilters, change: Partial<BeatFilters>): BeatFilters {
  return { ...filters, page: 1, ...change };
}

export function withoutFilters(filters: BeatFilters): BeatFilters {
  return { ...NO_FILTERS, sort: filters.sort };
}

function wholeNumber(text: string | null, least: number, most: number): number | null {
  if (text === null || !/^\d+$/.test(text)) return null;
  const number = Number(text);
  return number >= least && number <= most ? number : null;
}

export function isSort(name: string): name is Sort {
  return Object.hasOwn(SORTS, name);
}
