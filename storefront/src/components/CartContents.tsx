import { useCart } from '../hooks/useCart';
import { useCatalogCheck } from '../hooks/useCatalogCheck';
import { useCheckout } from '../hooks/useCheckout';
import { itemId } from '../lib/cart/items';
import { CartItem } from './CartItem';
import { CartSummary } from './CartSummary';

interface Props {
  /** Called when a link of it is followed. */
  onLeave?: () => void;
}

/** The items and what they come to, on the cart page and in the drawer alike. */
export function CartContents({ onLeave }: Props) {
  const { items } = useCart();
  const { beats, hasFailed } = useCatalogCheck();
  const checkout = useCheckout();
  return (
    <div className="cart">
      <div className="cart__columns">
        <h2 className="visually-hidden">Items</h2>
        <ol className="cart__tracks">
          {items.map((item, index) => (
            <CartItem
              key={itemId(item)}
              item={item}
              beat={beats.get(item.beatId)}
              place={index + 1}
              refusal={checkout.refusals.get(itemId(item))}
              onLeave={onLeave}
            />
          ))}
        </ol>
        <CartSummary checkout={checkout} isUnchecked={hasFailed} />
      </div>
    </div>
  );
}
