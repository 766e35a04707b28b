import { useCart } from '../hooks/useCart';
import { useNotices } from '../hooks/useNotices';
import { cartItem, itemId, MOST_ITEMS, MOST_OF_ONE } from '../lib/cart/items';
import { licenseName } from '../lib/license';
import type { Beat, Offer } from '../types/beat';

interface Props {
  beat: Beat;
  offer: Offer;
  onAdded?: () => void;
}

/** Puts one license of a beat into the cart, and says so. */
export function AddToCartButton({ beat, offer, onAdded }: Props) {
  const { items, addToCart, openCart } = useCart();
  const { notify } = useNotices();
  const item = cartItem(beat, offer);
  const inCart = items.find((other) => itemId(other) === itemId(item));
  const limit = limitReached(inCart?.quantity ?? 0, items.length);

  const add = () => {
    addToCart(item);
    notify({
      text: `${beat.title}, ${licenseName(offer.licenseType)}, is in your cart.`,
      action: { label: 'Open the cart', act: openCart },
    });
    onAdded?.();
  };
  return (
    <span className="add-to-cart">
      <button className="key key--primary" onClick={add} disabled={limit !== null}>
        {inCart ? 'Add another' : 'Add to cart'}
      </button>
      {inCart && <span className="label">{limit ?? `${inCart.quantity} in your cart`}</span>}
      {!inCart && limit && <span className="label">{limit}</span>}
    </span>
  );
}

function limitReached(quantity: number, items: number): string | null {
  if (quantity >= MOST_OF_ONE) return `${MOST_OF_ONE} is the most of one license`;
  if (quantity === 0 && items >= MOST_ITEMS) return `${MOST_ITEMS} is the most a cart holds`;
  return null;
}
