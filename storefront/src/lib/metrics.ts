import type { LicenseType } from '../types/beat';
import { API_URL } from './api/client';

type EventType = 'add_to_cart' | 'remove_from_cart' | 'checkout_started' | 'download_finished';

interface ShopEvent {
  type: EventType;
  beatId?: string;
  licenseType?: LicenseType;
}

const PAUSE = 1_000; // milliseconds in which events are gathered into one call
const MOST_AT_ONCE = 20;

let waiting: ShopEvent[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Counts what buyers do. An event bears nothing about who did it, so it needs nobody's consent;
 * one that is lost is lost, and never holds the shop up.
 */
export function record(type: EventType, about?: Pick<ShopEvent, 'beatId' | 'licenseType'>): void {
  const event: ShopEvent = { type };
  if (about?.beatId !== undefined) event.beatId = about.beatId;
  if (about?.licenseType !== undefined) event.licenseType = about.licenseType;
  waiting.push(event);
  if (waiting.length >= MOST_AT_ONCE) flushEvents();
  else timer ??= setTimeout(flushEvents, PAUSE);
}

/** Sends what has been gathered: also when the page is left, which beacons outlive. */
export function flushEvents(): void {
  clearTimeout(timer);
  timer = undefined;
  if (waiting.length === 0) return;
  const body = JSON.stringify({ events: waiting });
  waiting = [];
  // As plain text, which browsers send to an API on another site without asking it first: they
  // would ask whether they may send cookies along, and we want none.
  navigator.sendBeacon(`${API_URL}/api/events`, body);
}

window.addEventListener('pagehide', flushEvents);
