import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { Router } from 'wouter';
import { memoryLocation } from 'wouter/memory-location';
import { NoticeBar } from '../../src/components/NoticeBar';
import { CartProvider } from '../../src/contexts/CartContext';
import { NoticesProvider } from '../../src/contexts/NoticesContext';
import { PlayerProvider } from '../../src/contexts/PlayerContext';
import { CartStorage } from '../../src/lib/cart/storage';
import { createQueryClient } from '../../src/lib/queries';
import type { CartItem } from '../../src/types/cart';

/** What every part of the shop may rely on being around it. */
export function Surroundings({ children, path = '/' }: { children: ReactNode; path?: string }) {
  const { hook, searchHook } = memoryLocation({ path });
  return (
    <QueryClientProvider client={createQueryClient()}>
      <Router hook={hook} searchHook={searchHook}>
        <PlayerProvider>
          <NoticesProvider>
            <CartProvider>
              {children}
              <NoticeBar />
            </CartProvider>
          </NoticesProvider>
        </PlayerProvider>
      </Router>
    </QueryClientProvider>
  );
}

export function renderInShop(element: ReactNode, path?: string) {
  return render(
    path ? (
      <Surroundings path={path}>{element}</Surroundings>
    ) : (
      <Surroundings>{element}</Surroundings>
    ),
  );
}

/** Puts items into the cart as an earlier visit would have. */
export function fillCart(...items: CartItem[]): void {
  new CartStorage(localStorage).write(items);
}
