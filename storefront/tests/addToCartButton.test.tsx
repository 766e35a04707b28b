import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { AddToCartButton } from '../src/components/AddToCartButton';
import { CartDrawer } from '../src/components/CartDrawer';
import { Navigation } from '../src/components/Navigation';
import { offersOf } from '../src/lib/license';
import { aBeat } from './support/beats';
import { FakeApi } from './support/fakeApi';
import { renderInShop } from './support/shop';

test.each([
  ['opens it', false],
  ['leaves it open where it is so already', true],
])('the way to the cart in a notice %s', async (_, isOpen) => {
  const user = userEvent.setup();
  new FakeApi();
  const beat = aBeat();
  const [offer] = offersOf(beat);
  if (!offer) throw new Error('The beat has no offer.');
  renderInShop(
    <>
      <Navigation />
      <AddToCartButton beat={beat} offer={offer} />
      <CartDrawer />
    </>,
  );
  await user.click(screen.getByRole('button', { name: 'Add to cart' }));
  if (isOpen) await user.click(screen.getByRole('button', { name: /cart 1 item/i }));
  await user.click(screen.getByRole('button', { name: 'Open the cart' }));
  expect(screen.getByRole('dialog', { name: 'Cart' })).toBeTruthy();
});
