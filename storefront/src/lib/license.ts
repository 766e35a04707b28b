import type { Beat, LicenseTerms, LicenseType, Offer } from '../types/beat';
import { toMinor } from './money';

/** The license types from the least to the most that they allow. */
export const LICENSE_TYPES = [
  'WAV_LEASE',
  'TRACKOUT_LEASE',
  'UNLIMITED_LEASE',
] as const satisfies readonly LicenseType[];

const NAMES: Record<LicenseType, string> = {
  WAV_LEASE: 'WAV Lease',
  TRACKOUT_LEASE: 'Trackout Lease',
  UNLIMITED_LEASE: 'Unlimited Lease',
};

export function licenseName(type: LicenseType): string {
  return NAMES[type];
}

export function isLicenseType(value: unknown): value is LicenseType {
  return LICENSE_TYPES.some((type) => type === value);
}

function priceOf(beat: Beat, type: LicenseType): [number | null, string | null] {
  switch (type) {
    case 'WAV_LEASE':
      return [beat.wavLeasePrice, beat.stripeWavPriceId];
    case 'TRACKOUT_LEASE':
      return [beat.trackoutLeasePrice, beat.stripeTrackoutPriceId];
    case 'UNLIMITED_LEASE':
      return [beat.unlimitedLeasePrice, beat.stripeUnlimitedPriceId];
  }
}

/** The beat's offer of one license; null where the beat is not sold with it. */
export function offerOf(beat: Beat, licenseType: LicenseType): Offer | null {
  const [price, priceId] = priceOf(beat, licenseType);
  const includesStems = licenseType !== 'WAV_LEASE';
  if (price === null || priceId === null || (includesStems && !beat.hasStems)) return null;
  const unitPrice = toMinor(price, beat.currency);
  return { licenseType, priceId, unitPrice, currency: beat.currency, includesStems };
}

/** All licenses that the beat is sold with, the smallest first. */
export function offersOf(beat: Beat): Offer[] {
  return LICENSE_TYPES.map((type) => offerOf(beat, type)).filter((offer) => offer !== null);
}

/** The cheapest offer, for "from €19.99". */
export function cheapestOf(beat: Beat): Offer | null {
  return offersOf(beat).reduce<Offer | null>(
    (least, offer) => (least && least.unitPrice <= offer.unitPrice ? least : offer),
    null,
  );
}

const count = new Intl.NumberFormat('en');

function limit(amount: number | null, one: string, many: string): string {
  if (amount === null) return `Unlimited ${many}`;
  return `${count.format(amount)} ${amount === 1 ? one : many}`;
}

/** One thing that a license allows, or does not. */
export interface Right {
  name: string;
  isGranted: boolean;
}

/** What a license allows, in the same order for each, so that they can be read side by side. */
export function rightsOf(terms: LicenseTerms): Right[] {
  return [
    { name: 'WAV master', isGranted: true },
    { name: 'Stems (ZIP)', isGranted: terms.includesStems },
    { name: limit(terms.copies, 'copy', 'copies'), isGranted: true },
    { name: limit(terms.streams, 'stream', 'streams'), isGranted: true },
    { name: limit(terms.musicVideos, 'music video', 'music videos'), isGranted: true },
    { name: 'Paid live shows', isGranted: terms.paidLive },
    { name: 'Radio and TV', isGranted: terms.radioAndTv },
    { name: 'Film, ads, games', isGranted: terms.sync },
  ];
}
