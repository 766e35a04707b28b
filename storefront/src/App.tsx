import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Route, Router, Switch, useLocation } from 'wouter';
import { CartDrawer } from './components/CartDrawer';
import { CheckoutWatch } from './components/CheckoutWatch';
import { Deck } from './components/Deck';
import { ErrorBoundary } from './components/ErrorBoundary';
import { Footer } from './components/Footer';
import { Navigation } from './components/Navigation';
import { NoticeBar } from './components/NoticeBar';
import { OfflineBar } from './components/OfflineBar';
import { PageLoading } from './components/PageLoading';
import { CartProvider } from './contexts/CartContext';
import { NoticesProvider } from './contexts/NoticesContext';
import { PlayerProvider } from './contexts/PlayerContext';
import { BASE, PATHS } from './lib/paths';
import { createQueryClient } from './lib/queries';
import { BeatsPage } from './pages/BeatsPage';
import { CartPage } from './pages/CartPage';
import { NotFoundPage } from './pages/NotFoundPage';

const SuccessPage = lazy(() => import('./pages/SuccessPage'));
const CartTestPage = lazy(() => import('./pages/CartTestPage'));

export function App() {
  const [queryClient] = useState(createQueryClient);
  return (
    <ErrorBoundary level="app">
      <QueryClientProvider client={queryClient}>
        <Router base={BASE}>
          <PlayerProvider>
            <NoticesProvider>
              <CartProvider>
                <Shell />
              </CartProvider>
            </NoticesProvider>
          </PlayerProvider>
        </Router>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}

/** What is around every page. */
function Shell() {
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  useNewPage(path, main);
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <Navigation />
      <OfflineBar />
      <main id="main" ref={main} tabIndex={-1}>
        <ErrorBoundary level="page" key={path}>
          <Suspense fallback={<PageLoading />}>
            <Switch>
              <Route path={PATHS.home}>
                <BeatsPage isHome />
              </Route>
              <Route path={PATHS.beats}>
                <BeatsPage />
              </Route>
              <Route path={PATHS.cart} component={CartPage} />
              <Route path={PATHS.success} component={SuccessPage} />
              <Route path={PATHS.cartTest} component={CartTestPage} />
              <Route component={NotFoundPage} />
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </main>
      <Footer />
      <Deck />
      <CartDrawer />
      <NoticeBar />
      {path !== PATHS.success && <CheckoutWatch />}
    </>
  );
}

/** Begins each page but the first at its top, with the focus in it, as a loaded page would. */
function useNewPage(path: string, main: React.RefObject<HTMLElement | null>): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}
