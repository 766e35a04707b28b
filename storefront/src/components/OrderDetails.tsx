import { licenseName } from '../lib/license';
import { formatMoney, toMinor } from '../lib/money';
import type { Order } from '../types/order';
import { Artwork } from './Artwork';
import './OrderDetails.css';

const date = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' });

/** What was bought, for how much, and what may be done with it. */
export function OrderDetails({ order }: { order: Order }) {
  const money = (amount: number) => formatMoney(toMinor(amount, order.currency), order.currency);
  return (
    <section className="order" aria-labelledby="order-title">
      <h2 id="order-title">Your order</h2>
      <ol className="order__items">
        {order.items.map((item) => (
          <li key={item.id} className="order__item">
            <Artwork url={item.beat.artworkUrl} />
            <div>
              <h3>{item.beat.title}</h3>
              <p>
                {licenseName(item.licenseType)}
                {item.quantity > 1 && `, ${item.quantity} × ${money(item.unitPrice)}`}
              </p>
              <p className="order__rights">{item.usageRights.join(' · ')}</p>
            </div>
            <p className="order__price">{money(item.totalPrice)}</p>
          </li>
        ))}
      </ol>
      <dl className="order__sums">
        <div className="order__total">
          <dt>Total</dt>
          <dd>{money(order.totalAmount)}</dd>
        </div>
        {order.refundedAmount > 0 && (
          <div>
            <dt>Refunded</dt>
            <dd>{money(order.refundedAmount)}</dd>
          </div>
        )}
        {order.paidAt && (
          <div>
            <dt>Paid</dt>
            <dd>{date.format(new Date(order.paidAt))}</dd>
          </div>
        )}
        {order.customerEmail && (
          <div>
            <dt>Receipt goes to</dt>
            <dd>{order.customerEmail}</dd>
          </div>
        )}
        <div>
          <dt>Order</dt>
          <dd className="order__id">{order.id}</dd>
        </div>
      </dl>
    </section>
  );
}
