import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useSettlement } from '../hooks/useOrder';
import { useNotices } from '../hooks/useNotices';
import { openCheckouts } from '../lib/cart/openCheckouts';
import { openStorage } from '../lib/cart/storage';
import { orderQuery } from '../lib/orders';
import { PATHS } from '../lib/paths';

/**
 * Looks after payment pages that were opened here and never came back: a buyer may have paid and
 * closed the tab, and the cart would still hold what is theirs already.
 */
export function CheckoutWatch() {
  const [sessionIds, setSessionIds] = useState(idsOfOpenCheckouts);
  useEffect(() => {
    const onReturn = () => setSessionIds(idsOfOpenCheckouts());
    window.addEventListener('pageshow', onReturn);
    document.addEventListener('visibilitychange', onReturn);
    return () => {
      window.removeEventListener('pageshow', onReturn);
      document.removeEventListener('visibilitychange', onReturn);
    };
  }, []);
  return sessionIds.map((sessionId) => <Watched key={sessionId} sessionId={sessionId} />);
}

function Watched({ sessionId }: { sessionId: string }) {
  const { data } = useQuery({ ...orderQuery(sessionId), refetchInterval: false });
  const { notify } = useNotices();
  const [, navigate] = useLocation();
  useSettlement(data, () =>
    notify({
      text: 'Your payment has come through.',
      action: {
        label: 'See your order',
        act: () => navigate(`${PATHS.success}?session_id=${encodeURIComponent(sessionId)}`),
      },
    }),
  );
  return null;
}

function idsOfOpenCheckouts(): string[] {
  return openCheckouts(openStorage()).map(({ sessionId }) => sessionId);
}
