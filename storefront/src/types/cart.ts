import type { LicenseType } from './beat';

/** Why an item that was put into the cart can't be bought any more. */
export type Unavailability = 'unknown' | 'withdrawn' | 'unreleased' | 'license-gone';

/** One license of one beat, with what the cart needs to show it without asking the API. */
export interface CartItem {
  beatId: string;
  licenseType: LicenseType;
  quantity: number;
  title: string;
  artworkUrl: string | null;
  priceId: string;
  /** Minor units of `currency`: what it costs as far as the shop knows. */
  unitPrice: number;
  currency: string;
  /** What it cost when the buyer last looked, where that was something else. */
  previousPrice?: number;
  unavailable?: Unavailability;
  /** The checkout in which it is being paid for already; told by open checkouts, never kept. */
  submittedIn?: string;
}

/** The checkouts in which items are being paid for, by the items' ids. */
export type Submissions = Readonly<Record<string, string>>;

export interface CartState {
  items: CartItem[];
  /** Whether the cart's drawer is open. */
  isOpen: boolean;
  /** The items as they were before the last removal, until the next change. */
  undo: CartItem[] | null;
  submissions: Submissions;
}

export type CartAction =
  | { type: 'added'; item: CartItem }
  | { type: 'removed'; id: string }
  | { type: 'quantityChanged'; id: string; quantity: number }
  | { type: 'licenseChanged'; id: string; item: CartItem }
  | { type: 'cleared' }
  | { type: 'toggled' }
  | { type: 'opened' }
  | { type: 'undone' }
  | { type: 'putBack'; item: CartItem; index: number }
  | { type: 'checked'; findings: CatalogFinding[] }
  | { type: 'priceSeen'; id: string }
  | { type: 'purchased'; bought: Purchased[] }
  | { type: 'synced'; items: CartItem[] }
  | { type: 'submissionsRead'; submissions: Submissions };

/** What the catalogue says of an item now: the price to pay, or why there is none. */
export interface CatalogFinding {
  id: string;
  offer?: { priceId: string; unitPrice: number; currency: string };
  unavailable?: Unavailability;
}

export type Purchased = Pick<CartItem, 'beatId' | 'licenseType' | 'quantity'>;
