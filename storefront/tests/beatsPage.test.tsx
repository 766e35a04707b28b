import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { CartDrawer } from '../src/components/CartDrawer';
import { Navigation } from '../src/components/Navigation';
import { BeatsPage } from '../src/pages/BeatsPage';
import type { Beat } from '../src/types/beat';
import { aBeat, LICENSES } from './support/beats';
import { FakeApi, failure, json, success } from './support/fakeApi';
import { renderInShop } from './support/shop';

const BEATS = 'GET /api/beats';

function shopOf(...beats: Beat[]): FakeApi {
  const pagination = {
    page: 1,
    limit: 12,
    total: beats.length,
    totalPages: 1,
    hasNext: false,
    hasPrev: false,
  };
  return new FakeApi()
    .on(BEATS, json(200, { success: true, data: beats, pagination }))
    .on('GET /api/beats/genres', success(['House', 'Trap']))
    .on('GET /api/licenses', success(LICENSES));
}

const lastQuery = (api: FakeApi) => new URL(api.calls(BEATS).at(-1)?.url ?? '').search;

describe('the beats', () => {
  test('show what a buyer asks first', async () => {
    shopOf(aBeat({ duration: '2:41', bpm: 98 }));
    renderInShop(<BeatsPage />);
    const card = await screen.findByRole('article');
    for (const fact of ['Night Bus', '98', '2:41', 'A minor', 'Trap', '€19.99']) {
      expect(card.textContent).toContain(fact);
    }
  });

  test('are asked for by the address', async () => {
    const api = shopOf(aBeat());
    renderInShop(<BeatsPage />, '/beats?genre=House&sort=fast&page=2');
    await screen.findByRole('article');
    expect(lastQuery(api)).toBe('?page=2&limit=12&sortField=bpm&sortOrder=desc&genre=House');
  });

  test('are searched once the typing pauses', async () => {
    const user = userEvent.setup();
    const api = shopOf(aBeat());
    renderInShop(<BeatsPage />);
    await screen.findByRole('article');
    await user.type(screen.getByRole('searchbox'), 'rain');
    await waitFor(() => expect(lastQuery(api)).toContain('search=rain'));
    expect(api.calls(BEATS).map(({ url }) => new URL(url).searchParams.get('search'))).toEqual([
      null,
      'rain',
    ]);
  });

  test('that do not fit leave a way back', async () => {
    shopOf();
    renderInShop(<BeatsPage />, '/beats?search=silence');
    await screen.findByText(/no beat fits/i);
    const link = screen.getByRole('link', { name: 'Show all beats' });
    expect(link.getAttribute('href')).toBe('/beats');
  });

  test('that can’t be had can be asked for again', async () => {
    const user = userEvent.setup();
    const api = shopOf(aBeat());
    api.on(BEATS, failure(400, 'invalid_input'), await shopAnswer());
    renderInShop(<BeatsPage />);
    await screen.findByText('The beats could not be fetched.');
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByRole('article');
  });
});

async function shopAnswer(): Promise<Response> {
  const pagination = {
    page: 1,
    limit: 12,
    total: 1,
    totalPages: 1,
    hasNext: false,
    hasPrev: false,
  };
  return Promise.resolve(json(200, { success: true, data: [aBeat()], pagination }));
}

describe('choosing a license', () => {
  async function openLicenses(beat: Beat) {
    const user = userEvent.setup();
    shopOf(beat);
    renderInShop(
      <>
        <Navigation />
        <BeatsPage />
        <CartDrawer />
      </>,
    );
    await user.click(await screen.findByRole('button', { name: /^license night bus/i }));
    await screen.findByText('5,000 copies');
    return { user, dialog: within(screen.getByRole('dialog')) };
  }

  test('changes the price at once', async () => {
    const { user, dialog } = await openLicenses(aBeat());
    const price = () => document.querySelector('.modal__foot .readout')?.textContent;
    expect(price()).toBe('€19.99');
    await user.click(dialog.getByRole('radio', { name: /unlimited/i }));
    expect(price()).toBe('€79.99');
  });

  test('offers stems only where the beat has them', async () => {
    const { dialog } = await openLicenses(aBeat({ hasStems: false }));
    expect(dialog.getByRole('radio', { name: /wav/i })).toHaveProperty('disabled', false);
    expect(dialog.getByRole('radio', { name: /trackout/i })).toHaveProperty('disabled', true);
    expect(dialog.getByRole('radio', { name: /unlimited/i })).toHaveProperty('disabled', true);
    expect(dialog.getAllByText('No stems')).toHaveLength(2);
  });

  test('puts it into the cart, counts it and says so', async () => {
    const { user, dialog } = await openLicenses(aBeat());
    await user.click(dialog.getByRole('radio', { name: /trackout/i }));
    await user.click(dialog.getByRole('button', { name: 'Add to cart' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.getByRole('button', { name: /cart 1 item$/i })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Open the cart' }));
    expect(screen.getByRole('dialog').textContent).toContain('Trackout Lease');
  });

  test('stops at ten of one', async () => {
    const { user } = await openLicenses(aBeat());
    await user.click(screen.getByRole('button', { name: 'Add to cart' }));
    for (let added = 1; added < 10; added++) {
      await user.click(screen.getByRole('button', { name: /^license night bus/i }));
      await user.click(screen.getByRole('button', { name: 'Add another' }));
    }
    await user.click(screen.getByRole('button', { name: /^license night bus/i }));
    expect(screen.getByRole('button', { name: 'Add another' })).toHaveProperty('disabled', true);
    expect(screen.getByText('10 is the most of one license')).toBeTruthy();
  });
});
