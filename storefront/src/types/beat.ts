import type { components, operations } from '../lib/api/schema';

type Schemas = components['schemas'];

export type Beat = Schemas['BeatView'];
export type LicenseType = Schemas['LicenseType'];
export type LicenseTerms = Schemas['LicenseView'];
export type Pagination = Schemas['Pagination'];
export type BeatQuery = NonNullable<operations['listBeats']['parameters']['query']>;

/** One license of one beat, as it can be bought now. */
export interface Offer {
  licenseType: LicenseType;
  priceId: string;
  /** Minor units of `currency`. */
  unitPrice: number;
  currency: string;
  includesStems: boolean;
}
