import type {
  CartAction,
  CartItem,
  CartState,
  CatalogFinding,
  Purchased,
  Submissions,
} from '../../types/cart';
import { clampQuantity, itemId, merged, MOST_ITEMS } from './items';

/** The cart after an action; the very same state where the action changes nothing. */
export function cartReducer(state: CartState, action: CartAction): CartState {
  switch (action.type) {
    case 'added':
      return changed(state, added(state.items, action.item));
    case 'removed':
      return undoably(
        state,
        state.items.filter((item) => itemId(item) !== action.id),
      );
    case 'quantityChanged': {
      const quantity = clampQuantity(action.quantity);
      return changed(
        state,
        replaced(state.items, action.id, (item) => ({ ...item, quantity })),
      );
    }
    case 'licenseChanged':
      return changed(
        state,
        merged(
          replaced(state.items, action.id, (item) => ({ ...action.item, quantity: item.quantity })),
        ),
      );
    case 'cleared':
      return undoably(state, []);
    case 'toggled':
      return { ...state, isOpen: !state.isOpen };
    case 'opened':
      return state.isOpen ? state : { ...state, isOpen: true };
    case 'undone':
      return state.undo ? { ...state, items: state.undo, undo: null } : state;
    case 'putBack':
      return changed(state, putBack(state.items, action.item, action.index));
    case 'checked':
      return withItems(state, checked(state.items, action.findings));
    case 'priceSeen':
      return withItems(state, replaced(state.items, action.id, withoutPreviousPrice));
    case 'purchased':
      return changed(state, withoutPurchased(state.items, action.bought));
    case 'synced':
      return changed(state, action.items);
    case 'submissionsRead':
      return submissionsRead(state, action.submissions);
  }
}

function submissionsRead(state: CartState, submissions: Submissions): CartState {
  const isNews = JSON.stringify(state.submissions) !== JSON.stringify(submissions);
  return isNews ? { ...state, submissions } : state;
}

function withItems(state: CartState, items: CartItem[]): CartState {
  return isSame(state.items, items) ? state : { ...state, items };
}

/** With other items, and nothing to undo: the removal is no longer the last thing done. */
function changed(state: CartState, items: CartItem[]): CartState {
  return isSame(state.items, items) ? state : { ...state, items, undo: null };
}

function undoably(state: CartState, items: CartItem[]): CartState {
  return isSame(state.items, items) ? state : { ...state, items, undo: state.items };
}

function isSame(before: CartItem[], after: CartItem[]): boolean {
  return before.length === after.length && JSON.stringify(before) === JSON.stringify(after);
}

function added(items: CartItem[], item: CartItem): CartItem[] {
  const isNew = !items.some((other) => itemId(other) === itemId(item));
  if (isNew) return items.length < MOST_ITEMS ? [...items, item] : items;
  // What the buyer has just seen is newer than what the cart remembers.
  return replaced(items, itemId(item), (before) => ({
    ...item,
    quantity: clampQuantity(before.quantity + item.quantity),
  }));
}

/** With an item at its place again; one that has come back meanwhile stays, of no less quantity. */
function putBack(items: CartItem[], item: CartItem, index: number): CartItem[] {
  const { submittedIn: _, ...taken } = item;
  const isBack = items.some((other) => itemId(other) === itemId(taken));
  if (isBack) {
    return replaced(items, itemId(taken), (other) => ({
      ...other,
      quantity: Math.max(other.quantity, taken.quantity),
    }));
  }
  if (items.length >= MOST_ITEMS) return items;
  return [...items.slice(0, index), taken, ...items.slice(index)];
}

function replaced(items: CartItem[], id: string, change: (item: CartItem) => CartItem): CartItem[] {
  return items.map((item) => (itemId(item) === id ? change(item) : item));
}

function checked(items: CartItem[], findings: readonly CatalogFinding[]): CartItem[] {
  const byId = new Map(findings.map((finding) => [finding.id, finding]));
  return items.map((item) => {
    const finding = byId.get(itemId(item));
    return finding ? withFinding(item, finding) : item;
  });
}

function withFinding(item: CartItem, { offer, unavailable }: CatalogFinding): CartItem {
  const { unavailable: _, ...available } = item;
  if (unavailable) return { ...available, unavailable };
  if (!offer) return item;
  if (offer.unitPrice === item.unitPrice && offer.currency === item.currency) {
    return { ...available, priceId: offer.priceId };
  }
  const { previousPrice, ...rest } = { ...available, ...offer };
  const seen = item.currency === offer.currency ? (previousPrice ?? item.unitPrice) : undefined;
  const isNews = seen !== undefined && seen !== offer.unitPrice;
  return isNews ? { ...rest, previousPrice: seen } : rest;
}

function withoutPreviousPrice({ previousPrice: _, ...item }: CartItem): CartItem {
  return item;
}

function withoutPurchased(items: CartItem[], bought: readonly Purchased[]): CartItem[] {
  const left = new Map(bought.map((item) => [itemId(item), item.quantity]));
  return items
    .map((item) => ({ ...item, quantity: item.quantity - (left.get(itemId(item)) ?? 0) }))
    .filter((item) => item.quantity > 0);
}
