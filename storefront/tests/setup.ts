import { cleanup } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';
import { flushEvents } from '../src/lib/metrics';

beforeEach(() => {
  localStorage.clear();
  window.history.replaceState(null, '', '/');
  vi.stubGlobal('navigator', Object.assign(window.navigator, { sendBeacon: () => true }));
});

afterEach(() => {
  cleanup();
  flushEvents();
});
