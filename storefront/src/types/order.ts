import type { components } from '../lib/api/schema';

type Schemas = components['schemas'];

export type Order = Schemas['OrderView'];
export type OrderItem = Schemas['OrderItemView'];
export type OrderStatus = Schemas['OrderStatus'];
export type OrderDownloads = Schemas['OrderDownloads'];
export type BeatDownloads = Schemas['BeatDownloads'];
