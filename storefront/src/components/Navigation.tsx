import { Link, useLocation } from 'wouter';
import { useCart } from '../hooks/useCart';
import { PATHS } from '../lib/paths';
import { CrateIcon } from './icons';
import './Navigation.css';

/** The shop's head: its name, its pages, the cart with the count of what is in it. */
export function Navigation() {
  const { totalItems, isOpen, toggleCart } = useCart();
  const [path] = useLocation();
  const isCatalog = path === PATHS.home || path === PATHS.beats;
  const content = (
    <>
      <CrateIcon />
      <span className="nav__word">Cart</span>
      <span className="nav__count" data-empty={totalItems === 0 || undefined}>
        {totalItems}
        <span className="visually-hidden"> {totalItems === 1 ? 'item' : 'items'}</span>
      </span>
    </>
  );
  return (
    <header className="nav">
      <Link className="nav__brand" href={PATHS.home} aria-label="Beatline, to the start">
        <BrandMark />
        <span aria-hidden="true">Beatline</span>
      </Link>
      <nav className="nav__pages" aria-label="Pages">
        <Link href={PATHS.beats} aria-current={isCatalog ? 'page' : undefined}>
          Beats
        </Link>
      </nav>
      {path === PATHS.cart ? (
        <Link className="nav__cart" href={PATHS.cart} aria-current="page">
          {content}
        </Link>
      ) : (
        <button
          className="nav__cart"
          onClick={toggleCart}
          aria-haspopup="dialog"
          aria-expanded={isOpen}
        >
          {content}
        </button>
      )}
    </header>
  );
}

/** A line that turns into a beat and into a line again. */
function BrandMark() {
  return (
    <svg className="nav__mark" viewBox="0 0 64 32" aria-hidden="true" focusable="false">
      <path d="M0 15h14v2H0zM50 15h14v2H50zM17 11h3v10h-3zM23 5h3v22h-3zM29 10h3v12h-3zM35 1h3v30h-3zM41 9h3v14h-3z" />
    </svg>
  );
}
