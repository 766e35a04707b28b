import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useSettlement } from '../hooks/useOrder';
import { useNotices } from '../hooks/useNotices';
import { onSubmissions, openCheckouts, type OpenCheckout } from '../lib/cart/openCheckouts';
import { openStorage } from '../lib/cart/storage';
import { orderQuery } from '../lib/orders';
import { orderPath } from '../lib/paths';

/**
 * Looks after payment pages that were opened here and never came back: a buyer may have paid and
 * closed the tab, and the cart would still hold what is theirs already.
 */
export function CheckoutWatch() {
  const [checkouts, setCheckouts] = useState(keptCheckouts);
  useEffect(() => onSubmissions(openStorage(), () => setCheckouts(keptCheckouts())), []);
  return checkouts.map(({ sessionId, submitted }) => (
    <Watched key={sessionId} sessionId={sessionId} isSubmitted={submitted !== undefined} />
  ));
}

/** One of them; looked at again and again where its payment is on its way. */
function Watched({ sessionId, isSubmitted }: { sessionId: string; isSubmitted: boolean }) {
  const query = orderQuery(sessionId);
  const answer = useQuery(isSubmitted ? query : { ...query, refetchInterval: false });
  const { notify } = useNotices();
  const [, navigate] = useLocation();
  useSettlement(sessionId, answer, () =>
    notify({
      text: 'Your payment has come through.',
      action: {
        label: 'See your order',
        act: () => navigate(orderPath(sessionId)),
      },
    }),
  );
  return null;
}

function keptCheckouts(): OpenCheckout[] {
  return openCheckouts(openStorage());
}
