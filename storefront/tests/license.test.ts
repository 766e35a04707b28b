import { describe, expect, test } from 'vitest';
import { cheapestOf, offersOf, rightsOf } from '../src/lib/license';
import { aBeat, LICENSES } from './support/beats';

describe('offers', () => {
  test('are those with a price, in minor units', () => {
    expect(offersOf(aBeat()).map((offer) => [offer.licenseType, offer.unitPrice])).toEqual([
      ['WAV_LEASE', 1999],
      ['TRACKOUT_LEASE', 3999],
      ['UNLIMITED_LEASE', 7999],
    ]);
  });

  test('include no stems license of a beat without stems, even if it has a price', () => {
    const types = offersOf(aBeat({ hasStems: false })).map((offer) => offer.licenseType);
    expect(types).toEqual(['WAV_LEASE']);
  });

  test('need a price id', () => {
    const types = offersOf(aBeat({ stripeWavPriceId: null })).map((offer) => offer.licenseType);
    expect(types).toEqual(['TRACKOUT_LEASE', 'UNLIMITED_LEASE']);
  });

  test('have a cheapest one, whichever license that is', () => {
    expect(cheapestOf(aBeat({ wavLeasePrice: 50 }))?.licenseType).toBe('TRACKOUT_LEASE');
    expect(cheapestOf(aBeat({ wavLeasePrice: null, hasStems: false }))).toBeNull();
  });
});

describe('rights', () => {
  test('stand in one order for every license, so that they can be compared', () => {
    const [wav, trackout, unlimited] = LICENSES.map(rightsOf);
    const rows = [wav, trackout, unlimited].map((rights) => rights?.length);
    expect(new Set(rows).size).toBe(1);
    expect(wav?.find(({ name }) => name === 'Stems (ZIP)')?.isGranted).toBe(false);
    expect(wav?.map(({ name }) => name)).toContain('1 music video');
    expect(trackout?.map(({ name }) => name)).toContain('10,000 copies');
    expect(unlimited?.every(({ isGranted }) => isGranted)).toBe(true);
  });
});
