import { createContext, useEffect, useMemo, useReducer, useState, type ReactNode } from 'react';
import type { CartItem, CartState, CatalogFinding, Purchased } from '../types/cart';
import { countOf, currencyOf, itemId, totalOf, withSubmissions } from '../lib/cart/items';
import { onSubmissions, submissionsIn } from '../lib/cart/openCheckouts';
import { cartReducer } from '../lib/cart/reducer';
import { CartStorage, openStorage } from '../lib/cart/storage';
import { record } from '../lib/metrics';

export interface Cart {
  items: CartItem[];
  totalItems: number;
  /** Minor units of `currency`, of all that can be bought. */
  totalPrice: number;
  /** Null for an empty cart, and for one that mixes currencies. */
  currency: string | null;
  isOpen: boolean;
  canUndo: boolean;
  /** Whether a payment that was submitted here waits for the bank's word. */
  isAwaitingPayment: boolean;
}

export interface CartActions {
  addToCart: (item: CartItem) => void;
  removeFromCart: (item: CartItem) => void;
  updateQuantity: (id: string, quantity: number) => void;
  changeLicense: (id: string, item: CartItem) => void;
  clearCart: () => void;
  toggleCart: () => void;
  /** Opens the drawer, or leaves it open. */
  openCart: () => void;
  /** Puts back what was removed last. */
  undo: () => void;
  /** Puts an item that was removed back to where it was, whatever was done since. */
  putBack: (item: CartItem, index: number) => void;
  /** Takes in what the catalogue says of the items now. */
  noteFindings: (findings: CatalogFinding[]) => void;
  /** Takes a changed price as the buyer's own knowledge. */
  acceptPrice: (id: string) => void;
  /** Takes out what has been paid for. */
  takeOutPurchased: (bought: Purchased[]) => void;
  storage: CartStorage;
}

export const CartContext = createContext<Cart | null>(null);
/** Apart from the cart, so that a button which only adds is not drawn anew with each change. */
export const CartActionsContext = createContext<CartActions | null>(null);

interface Props {
  children: ReactNode;
  /** Where the cart is kept; the browser's own storage but in tests. */
  storage?: CartStorage;
}

export function CartProvider({ children, storage: given }: Props) {
  const [storage] = useState(() => given ?? new CartStorage(openStorage()));
  const [state, dispatch] = useReducer(cartReducer, storage, initialState);

  useEffect(() => storage.write(state.items), [storage, state.items]);
  useEffect(() => storage.subscribe((items) => dispatch({ type: 'synced', items })), [storage]);
  useEffect(() => {
    const kept = openStorage();
    const read = () => dispatch({ type: 'submissionsRead', submissions: submissionsIn(kept) });
    return onSubmissions(kept, read);
  }, []);

  const items = useMemo(
    () => withSubmissions(state.items, state.submissions),
    [state.items, state.submissions],
  );
  const cart = useMemo(() => cartOf(items, state), [items, state]);
  const actions = useMemo<CartActions>(
    () => ({
      addToCart: (item) => {
        dispatch({ type: 'added', item });
        record('add_to_cart', item);
      },
      removeFromCart: (item) => {
        dispatch({ type: 'removed', id: itemId(item) });
        record('remove_from_cart', item);
      },
      updateQuantity: (id, quantity) => dispatch({ type: 'quantityChanged', id, quantity }),
      changeLicense: (id, item) => dispatch({ type: 'licenseChanged', id, item }),
      clearCart: () => dispatch({ type: 'cleared' }),
      toggleCart: () => dispatch({ type: 'toggled' }),
      openCart: () => dispatch({ type: 'opened' }),
      undo: () => dispatch({ type: 'undone' }),
      putBack: (item, index) => dispatch({ type: 'putBack', item, index }),
      noteFindings: (findings) => dispatch({ type: 'checked', findings }),
      acceptPrice: (id) => dispatch({ type: 'priceSeen', id }),
      takeOutPurchased: (bought) => dispatch({ type: 'purchased', bought }),
      storage,
    }),
    [storage],
  );
  return (
    <CartActionsContext value={actions}>
      <CartContext value={cart}>{children}</CartContext>
    </CartActionsContext>
  );
}

function initialState(storage: CartStorage): CartState {
  const submissions = submissionsIn(openStorage());
  return { items: storage.read().items, isOpen: false, undo: null, submissions };
}

function cartOf(items: CartItem[], { isOpen, undo, submissions }: CartState): Cart {
  return {
    items,
    totalItems: countOf(items),
    totalPrice: totalOf(items),
    currency: currencyOf(items),
    isOpen,
    canUndo: undo !== null,
    isAwaitingPayment: Object.keys(submissions).length > 0,
  };
}
