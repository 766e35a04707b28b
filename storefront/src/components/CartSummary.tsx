import { useCart } from '../hooks/useCart';
import type { Checkout } from '../hooks/useCheckout';
import { useOnline } from '../hooks/useOnline';
import { buyable, countOf } from '../lib/cart/items';
import { formatMoney } from '../lib/money';
import './CartSummary.css';

interface Props {
  checkout: Checkout;
  /** Whether the catalogue could not be asked, so that prices are as they were. */
  isUnchecked: boolean;
}

/** What the cart comes to, and the way to pay for it. */
export function CartSummary({ checkout, isUnchecked }: Props) {
  const { items, currency } = useCart();
  const isOnline = useOnline();
  const wanted = buyable(items);
  const isMixed = wanted.length > 0 && currency === null;
  return (
    <section className="summary" aria-label="Order summary">
      <Sums />
      <button
        className="key key--primary key--wide"
        onClick={checkout.start}
        disabled={wanted.length === 0 || isMixed || !isOnline}
        aria-disabled={checkout.isOpening || undefined}
        data-busy={checkout.isOpening || undefined}
      >
        {checkout.isOpening ? 'Opening the payment page' : 'Check out'}
      </button>
      <div role="status" className="summary__words">
        {checkout.isRetrying && (
          <p>The shop is busy. Trying again; you are charged once at most.</p>
        )}
        {checkout.problem && <p className="note note--stop">{checkout.problem}</p>}
        {isMixed && (
          <p className="note note--stop">
            These beats are sold in different currencies. Check out one currency at a time.
          </p>
        )}
        {isUnchecked && isOnline && (
          <p className="note note--warn">
            Prices could not be checked just now; the payment page shows the true ones.
          </p>
        )}
        {!isOnline && <p className="note note--warn">Checkout needs a connection.</p>}
      </div>
      <p className="summary__small">
        You pay on Stripe’s page, by card or bank debit. The cart stays as it is until the order is
        paid.
      </p>
    </section>
  );
}

function Sums() {
  const { items, totalPrice, currency } = useCart();
  const wanted = buyable(items);
  const leftOut = items.length - wanted.length;
  return (
    <dl className="summary__lines">
      <div>
        <dt>Licenses</dt>
        <dd>{countOf(wanted)}</dd>
      </div>
      {leftOut > 0 && (
        <div>
          <dt>Left out</dt>
          <dd>{leftOut}</dd>
        </div>
      )}
      <div className="summary__total">
        <dt>Total</dt>
        <dd className="readout" aria-live="polite">
          {currency ? formatMoney(totalPrice, currency) : '—'}
        </dd>
      </div>
    </dl>
  );
}
