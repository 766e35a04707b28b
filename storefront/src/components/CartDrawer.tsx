import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { useCart } from '../hooks/useCart';
import { PATHS } from '../lib/paths';
import { CartContents } from './CartContents';
import { Modal } from './Modal';

/** The cart at the side of whatever page the buyer is on. */
export function CartDrawer() {
  const { isOpen, items, toggleCart } = useCart();
  const [path] = useLocation();
  useClosedByNavigation(path, isOpen, toggleCart);
  if (!isOpen) return null;
  return (
    <Modal kind="drawer" title="Cart" onClose={toggleCart}>
      <div className="modal__scroll">
        {items.length > 0 ? (
          <CartContents onLeave={toggleCart} />
        ) : (
          <p className="cart-empty">Nothing in it yet. Pick a beat and choose its license.</p>
        )}
      </div>
      <footer className="modal__foot">
        <Link className="key key--wide" href={PATHS.cart}>
          Open the cart page
        </Link>
      </footer>
    </Modal>
  );
}

function useClosedByNavigation(path: string, isOpen: boolean, close: () => void): void {
  const openedAt = useRef(path);
  useEffect(() => {
    if (isOpen && openedAt.current !== path) close();
    openedAt.current = path;
  }, [path, isOpen, close]);
}
