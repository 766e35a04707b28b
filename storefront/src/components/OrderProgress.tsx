import type { OrderStatus } from '../types/order';
import './OrderProgress.css';

const STEPS = [
  { ahead: 'Order received', done: 'Order received' },
  { ahead: 'Confirming the payment', done: 'Payment confirmed' },
  { ahead: 'Making your files ready', done: 'Files ready' },
] as const;

const STEP_OF: Partial<Record<OrderStatus, number>> = { PENDING: 1, PAID: 2, COMPLETED: 3 };

/** How far an order on its way has come: three lamps on a line. */
export function OrderProgress({ status }: { status: OrderStatus }) {
  const current = STEP_OF[status] ?? 0;
  return (
    <ol className="progress" data-step={current}>
      {STEPS.map((step, index) => {
        const state = index < current ? 'done' : index === current ? 'busy' : 'ahead';
        return (
          <li
            key={step.done}
            data-state={state}
            aria-current={state === 'busy' ? 'step' : undefined}
          >
            <span className={LAMPS[state]} aria-hidden="true" />
            {state === 'done' ? step.done : step.ahead}
            <span className="visually-hidden">, {WORDS[state]}</span>
          </li>
        );
      })}
    </ol>
  );
}

const LAMPS = { done: 'led led--go', busy: 'led led--busy', ahead: 'led' };
const WORDS = { done: 'done', busy: 'under way', ahead: 'still to come' };
