import { useState, useSyncExternalStore } from 'react';
import { CartContents } from '../components/CartContents';
import { useCart } from '../hooks/useCart';
import { usePageTitle } from '../hooks/usePageTitle';
import { api, answerOf } from '../lib/api/client';
import { sentenceOf } from '../lib/api/failure';
import { cartItem, itemId } from '../lib/cart/items';
import { CART_KEY, openStorage } from '../lib/cart/storage';
import { licenseName, offersOf } from '../lib/license';
import { MOCK_BEATS } from '../lib/mockBeats';
import { formatMoney } from '../lib/money';
import type { Beat } from '../types/beat';
import './CartTestPage.css';

/** A workbench for the cart: beats that do not exist, every action, what the state is, what fails. */
export default function CartTestPage() {
  usePageTitle('Cart test');
  return (
    <div className="bench">
      <header className="bench__head">
        <h1 className="display">Cart test</h1>
        <p className="prose">
          For trying the cart by hand. The shop knows none of the mock beats, so the cart marks them
          as gone once it has asked. Beats loaded from the shop can be bought.
        </p>
      </header>
      <Beats />
      <Actions />
      <Failures />
      <State />
      <section className="bench__cart" aria-labelledby="bench-cart">
        <h2 id="bench-cart" tabIndex={-1} data-cart-heading>
          The cart as buyers see it
        </h2>
        <CartContents />
      </section>
    </div>
  );
}

function Beats() {
  const [real, setReal] = useState<Beat[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const load = () =>
    answerOf(api.GET('/api/beats', { params: { query: { limit: 4 } } })).then(
      ({ data }) => setReal(data),
      (error: unknown) => setProblem(sentenceOf(error)),
    );
  return (
    <section aria-labelledby="bench-beats">
      <h2 id="bench-beats">Beats</h2>
      <ul className="bench__beats">
        {[...MOCK_BEATS, ...real].map((beat) => (
          <BeatRow key={beat.id} beat={beat} />
        ))}
      </ul>
      <button className="key key--small" onClick={() => void load()}>
        Load beats from the shop
      </button>
      <p role="status">{problem}</p>
    </section>
  );
}

function BeatRow({ beat }: { beat: Beat }) {
  const { addToCart } = useCart();
  return (
    <li>
      <h3>{beat.title}</h3>
      <div className="key-row">
        {offersOf(beat).map((offer) => (
          <button
            key={offer.licenseType}
            className="key key--small"
            onClick={() => addToCart(cartItem(beat, offer))}
          >
            <span>
              Add <span className="visually-hidden">{beat.title}, </span>
              {licenseName(offer.licenseType)}, {formatMoney(offer.unitPrice, offer.currency)}
            </span>
          </button>
        ))}
      </div>
    </li>
  );
}

function Actions() {
  const cart = useCart();
  const [first] = cart.items;
  const id = first ? itemId(first) : '';
  return (
    <section aria-labelledby="bench-actions">
      <h2 id="bench-actions">Actions</h2>
      <div className="key-row">
        <Act
          name="Remove the first"
          isOff={!first}
          onAct={() => first && cart.removeFromCart(first)}
        />
        <Act name="Undo" isOff={!cart.canUndo} onAct={cart.undo} />
        <Act
          name="First: one more"
          isOff={!first}
          onAct={() => cart.updateQuantity(id, (first?.quantity ?? 0) + 1)}
        />
        <Act name="First: 99 of it" isOff={!first} onAct={() => cart.updateQuantity(id, 99)} />
        <Act name="First: none of it" isOff={!first} onAct={() => cart.updateQuantity(id, 0)} />
        <Act name="Toggle the drawer" onAct={cart.toggleCart} />
        <Act name="Clear" isOff={!first} onAct={cart.clearCart} />
      </div>
    </section>
  );
}

function Failures() {
  const { items, noteFindings } = useCart();
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken) throw new Error('Broken on purpose, from the cart test page.');
  const [first] = items;
  const store = (text: string) => {
    openStorage()?.setItem(CART_KEY, text);
    window.location.reload();
  };
  const raised = first && {
    priceId: first.priceId,
    unitPrice: first.unitPrice + 500,
    currency: first.currency,
  };
  return (
    <section aria-labelledby="bench-failures">
      <h2 id="bench-failures">What may go wrong</h2>
      <div className="key-row">
        <Act
          name="First: price rises by 5.00"
          isOff={!first}
          onAct={() => first && raised && noteFindings([{ id: itemId(first), offer: raised }])}
        />
        <Act
          name="First: withdrawn"
          isOff={!first}
          onAct={() => first && noteFindings([{ id: itemId(first), unavailable: 'withdrawn' }])}
        />
        <Act name="Store broken text, reload" onAct={() => store('{"items": [')} />
        <Act
          name="Store an unknown version, reload"
          onAct={() => store('{"version": 0, "items": [1]}')}
        />
        <Act name="Break this page" onAct={() => setIsBroken(true)} />
      </div>
    </section>
  );
}

interface ActProps {
  name: string;
  isOff?: boolean;
  onAct: () => void;
}

function Act({ name, isOff = false, onAct }: ActProps) {
  return (
    <button className="key key--small" onClick={onAct} disabled={isOff}>
      {name}
    </button>
  );
}

function State() {
  const { items, totalItems, totalPrice, currency, isOpen, canUndo } = useCart();
  const stored = useSyncExternalStore(onStored, storedText);
  return (
    <section aria-labelledby="bench-state">
      <h2 id="bench-state">State</h2>
      <dl className="bench__totals">
        <dt>totalItems</dt>
        <dd data-testid="total-items">{totalItems}</dd>
        <dt>totalPrice</dt>
        <dd data-testid="total-price">
          {currency ? formatMoney(totalPrice, currency) : totalPrice}
        </dd>
        <dt>isOpen</dt>
        <dd>{String(isOpen)}</dd>
        <dt>canUndo</dt>
        <dd>{String(canUndo)}</dd>
      </dl>
      <details>
        <summary>items</summary>
        <pre>{JSON.stringify(items, null, 2)}</pre>
      </details>
      <details>
        <summary>localStorage</summary>
        <pre>{stored ?? 'nothing'}</pre>
      </details>
    </section>
  );
}

function storedText(): string | null {
  return openStorage()?.getItem(CART_KEY) ?? null;
}

/** A tab hears nothing of what it stores itself, so it looks twice a second. */
function onStored(listener: () => void): () => void {
  const timer = setInterval(listener, 500);
  return () => clearInterval(timer);
}
