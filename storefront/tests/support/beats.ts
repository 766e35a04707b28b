import type { Beat, LicenseTerms } from '../../src/types/beat';
import type { CartItem } from '../../src/types/cart';
import type { Order } from '../../src/types/order';
import { MOCK_BEATS } from '../../src/lib/mockBeats';

export function aBeat(change: Partial<Beat> = {}): Beat {
  const [mock] = MOCK_BEATS;
  if (!mock) throw new Error('There are no mock beats.');
  return { ...mock, id: 'night-bus', title: 'Night Bus', ...change };
}

export function anItem(change: Partial<CartItem> = {}): CartItem {
  return {
    beatId: 'night-bus',
    licenseType: 'WAV_LEASE',
    quantity: 1,
    title: 'Night Bus',
    artworkUrl: null,
    priceId: 'price_wav',
    unitPrice: 1999,
    currency: 'EUR',
    ...change,
  };
}

export function anOrder(change: Partial<Order> = {}): Order {
  return {
    id: 'ord_1',
    customerEmail: 'buyer@example.com',
    customerName: 'A Buyer',
    customerPhone: null,
    totalAmount: 19.99,
    refundedAmount: 0,
    currency: 'EUR',
    status: 'PENDING',
    paymentMethod: null,
    paymentId: null,
    paidAt: null,
    usageRights: ['Streaming'],
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    sessionId: 'cs_1',
    items: [
      {
        id: 'item_1',
        orderId: 'ord_1',
        beatId: 'night-bus',
        beat: { ...aBeat(), artworkUrl: null },
        quantity: 1,
        unitPrice: 19.99,
        totalPrice: 19.99,
        licenseType: 'WAV_LEASE',
        usageRights: ['Streaming'],
        hasStems: false,
        createdAt: '2026-01-01T00:00:00Z',
        updatedAt: '2026-01-01T00:00:00Z',
      },
    ],
    ...change,
  };
}

const TERMS = {
  currency: 'EUR',
  isExclusive: false,
  durationYears: 10,
  territory: 'Worldwide',
  usageRights: ['Streaming'],
};

export const LICENSES: LicenseTerms[] = [
  {
    ...TERMS,
    licenseType: 'WAV_LEASE',
    name: 'WAV Lease',
    defaultPrice: 19.99,
    includesStems: false,
    copies: 5000,
    streams: 100000,
    musicVideos: 1,
    paidLive: false,
    radioAndTv: false,
    sync: false,
  },
  {
    ...TERMS,
    licenseType: 'TRACKOUT_LEASE',
    name: 'Trackout Lease',
    defaultPrice: 39.99,
    includesStems: true,
    copies: 10000,
    streams: 250000,
    musicVideos: 3,
    paidLive: false,
    radioAndTv: false,
    sync: false,
  },
  {
    ...TERMS,
    licenseType: 'UNLIMITED_LEASE',
    name: 'Unlimited Lease',
    defaultPrice: 79.99,
    includesStems: true,
    copies: null,
    streams: null,
    musicVideos: null,
    paidLive: true,
    radioAndTv: true,
    sync: true,
  },
];
