import { use } from 'react';
import {
  CartActionsContext,
  CartContext,
  type Cart,
  type CartActions,
} from '../contexts/CartContext';

/** The cart and all that can be done to it. */
export function useCart(): Cart & CartActions {
  const cart = use(CartContext);
  if (!cart) throw new Error('useCart needs a CartProvider around it.');
  return { ...cart, ...useCartActions() };
}

/** What can be done to the cart, for whoever need not know what is in it. */
export function useCartActions(): CartActions {
  const actions = use(CartActionsContext);
  if (!actions) throw new Error('useCartActions needs a CartProvider around it.');
  return actions;
}
