import { describe, expect, test } from 'vitest';
import {
  addressOf,
  filterCount,
  filtersFrom,
  queryOf,
  withFilters,
  withoutFilters,
  type BeatFilters,
} from '../src/lib/beatFilters';

const EVERYTHING: BeatFilters = {
  search: 'late night & rain',
  genre: 'Drum & Bass',
  key: 'F#',
  bpmMin: 90,
  bpmMax: 140,
  hasStems: true,
  sort: 'cheap',
  page: 3,
};

describe('filters', () => {
  test('survive a shared address', () => {
    const address = addressOf(EVERYTHING).toString();
    expect(filtersFrom(new URLSearchParams(address))).toEqual(EVERYTHING);
  });

  test('that are none leave the address bare', () => {
    expect(addressOf(filtersFrom(new URLSearchParams())).toString()).toBe('');
  });

  test('that make no sense are as if they were not there', () => {
    const address = 'page=-1&bpmMin=fast&bpmMax=4000&sort=toString&stems=perhaps&color=red';
    expect(addressOf(filtersFrom(new URLSearchParams(address))).toString()).toBe('');
  });

  test('are asked of the API by its own names', () => {
    expect(queryOf(EVERYTHING)).toEqual({
      page: 3,
      limit: 12,
      search: 'late night & rain',
      genre: 'Drum & Bass',
      key: 'F#',
      bpmMin: 90,
      bpmMax: 140,
      hasStems: true,
      sortField: 'price',
      sortOrder: 'asc',
    });
  });

  test('begin at the first page when one of them changes', () => {
    expect(withFilters(EVERYTHING, { genre: 'House' }).page).toBe(1);
  });

  test('are counted, and cleared without losing the order', () => {
    expect(filterCount(EVERYTHING)).toBe(5);
    expect(filterCount(withoutFilters(EVERYTHING))).toBe(0);
    expect(withoutFilters(EVERYTHING).sort).toBe('cheap');
  });
});
