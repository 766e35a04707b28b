import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { Downloads } from '../components/Downloads';
import { OrderDetails } from '../components/OrderDetails';
import { OrderProgress } from '../components/OrderProgress';
import { Problem } from '../components/Problem';
import { useNow } from '../hooks/useNow';
import { useOrder } from '../hooks/useOrder';
import { usePageTitle } from '../hooks/usePageTitle';
import { ApiFailure } from '../lib/api/failure';
import { PATHS } from '../lib/paths';
import type { Order, OrderStatus } from '../types/order';
import './SuccessPage.css';

/** Where Stripe sends a buyer who has paid: what becomes of the order, then its files. */
export default function SuccessPage() {
  const [address] = useSearchParams();
  const sessionId = address.get('session_id');
  usePageTitle('Your order');
  return sessionId ? <FollowedOrder sessionId={sessionId} /> : <NoOrder />;
}

function FollowedOrder({ sessionId }: { sessionId: string }) {
  const { data: order, error, refetch } = useOrder(sessionId);
  if (order) return <OrderPage order={order} />;
  if (error instanceof ApiFailure && error.status === 404) return <NoOrder />;
  return (
    <div className="panel-page">
      {error ? (
        <Problem
          title="Your order could not be looked up."
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <p className="label" role="status">
          <span className="led led--busy" aria-hidden="true" /> Looking up your order
        </p>
      )}
      {error && (
        <p className="prose">If you have paid, the order is safe: this page finds it again.</p>
      )}
    </div>
  );
}

const HEADLINES: Record<OrderStatus, string> = {
  PENDING: 'Your order is in.',
  PAID: 'Paid. Thank you.',
  COMPLETED: 'It’s yours.',
  CANCELLED: 'Nothing was paid.',
  FAILED: 'The payment failed.',
  REFUNDED: 'Refunded.',
  DISPUTED: 'Under dispute.',
};

function OrderPage({ order }: { order: Order }) {
  const { status } = order;
  const isUnderWay = status === 'PENDING' || status === 'PAID';
  return (
    <div className="success-page">
      <header className="success-page__head">
        <h1 className="display">{HEADLINES[status]}</h1>
        {(isUnderWay || status === 'COMPLETED') && <OrderProgress status={status} />}
        <div role="status" className="prose">
          <Words order={order} />
        </div>
      </header>
      <div className="success-page__body">
        {status === 'COMPLETED' && <Downloads order={order} />}
        <OrderDetails order={order} />
      </div>
    </div>
  );
}

function Words({ order }: { order: Order }) {
  switch (order.status) {
    case 'PENDING':
      return <Pending />;
    case 'PAID':
      return <p>The payment is confirmed. Your files are being made ready.</p>;
    case 'COMPLETED':
      return (
        <p>
          A receipt is on its way by mail. Keep this page’s address: it brings you back to your
          files at any time.
        </p>
      );
    case 'CANCELLED':
      return (
        <>
          <p>The payment page was closed or ran out of time, and nothing was charged.</p>
          <BackToCart />
        </>
      );
    case 'FAILED':
      return (
        <>
          <p>
            The payment did not go through, and no money has been taken. Your cart is as you left
            it; you can try again with another way to pay.
          </p>
          <BackToCart />
        </>
      );
    case 'REFUNDED':
      return (
        <p>
          The money is on its way back to you; banks take up to ten days. With it the licenses and
          the downloads of this order have ended.
        </p>
      );
    case 'DISPUTED':
      return (
        <p>
          The payment of this order is disputed with the bank, so its downloads are closed for now.
          They open again if the dispute is settled in the shop’s favor.
        </p>
      );
  }
}

const USUAL_WAIT = 25_000; // milliseconds

/** Waiting for the payment's confirmation, in words that stay true however long it takes. */
function Pending() {
  const [since] = useState(Date.now);
  const isLong = useNow(1_000) - since > USUAL_WAIT;
  if (!isLong) return <p>We’re waiting for the bank’s word on your payment. It takes seconds.</p>;
  return (
    <p>
      This takes longer than usual. A bank debit can take days; a card, a few minutes at most. You
      may close this page: the order goes on without it, its mail reaches you, and this address
      always shows how far it is.
    </p>
  );
}

function BackToCart() {
  return (
    <Link className="key key--primary" href={PATHS.cart}>
      To the cart
    </Link>
  );
}

function NoOrder() {
  return (
    <div className="panel-page">
      <h1 className="display">No such order.</h1>
      <p className="prose">
        This address names no order of this shop. Take the link from your receipt, whole, or the
        page that you came to after paying.
      </p>
      <Link className="key key--primary" href={PATHS.beats}>
        To the beats
      </Link>
    </div>
  );
}
