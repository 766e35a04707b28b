import { Link, useSearchParams } from 'wouter';
import { CartContents } from '../components/CartContents';
import { useCart } from '../hooks/useCart';
import { usePageTitle } from '../hooks/usePageTitle';
import { PATHS } from '../lib/paths';
import './CartPage.css';

export function CartPage() {
  const { items, totalItems, canUndo, isAwaitingPayment, undo, clearCart, storage } = useCart();
  const [address] = useSearchParams();
  usePageTitle('Cart');
  // The address alone tells nothing: "back" leads to it from an order's page as well.
  const isBackUnpaid =
    address.get('checkout') === 'cancelled' && items.length > 0 && !isAwaitingPayment;
  return (
    <div className="cart-page">
      <header className="cart-page__head">
        <h1 className="display" tabIndex={-1} data-cart-heading>
          Cart
        </h1>
        <div className="key-row">
          {canUndo && (
            <button className="link-button" onClick={undo}>
              Undo the removal
            </button>
          )}
          {totalItems > 0 && (
            <button className="link-button" onClick={clearCart}>
              Empty the cart
            </button>
          )}
        </div>
      </header>
      {isBackUnpaid && (
        <p className="bar" role="status">
          <span className="led led--warn" aria-hidden="true" />
          You came back before paying, and nothing was charged. Your cart is as you left it.
        </p>
      )}
      {!storage.isLasting && (
        <p className="bar bar--warn" role="status">
          <span className="led led--warn" aria-hidden="true" />
          This browser does not let the shop keep your cart: it will be gone when you close the tab.
        </p>
      )}
      {items.length > 0 ? <CartContents /> : <Empty />}
    </div>
  );
}

function Empty() {
  return (
    <div className="cart-page__empty">
      <div className="record record--still" aria-hidden="true" />
      <p className="prose">Nothing in your cart yet. A record waits for its first track.</p>
      <Link className="key key--primary" href={PATHS.beats}>
        Find a beat
      </Link>
    </div>
  );
}
