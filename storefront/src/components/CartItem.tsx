import { memo, useRef } from 'react';
import { Link } from 'wouter';
import { useCartActions } from '../hooks/useCart';
import { useNotices } from '../hooks/useNotices';
import { cartItem, itemId, MOST_OF_ONE } from '../lib/cart/items';
import { licenseName, offersOf } from '../lib/license';
import { formatMoney } from '../lib/money';
import { orderPath } from '../lib/paths';
import type { Beat } from '../types/beat';
import type { CartItem as Item, Unavailability } from '../types/cart';
import { Artwork } from './Artwork';
import { CloseIcon, MinusIcon, PlusIcon } from './icons';
import './CartItem.css';

interface Props {
  item: Item;
  /** What the catalogue says of its beat now, once it has. */
  beat: Beat | undefined;
  /** The place in the list, from 1. */
  place: number;
  /** The API's objection to this item. */
  refusal: string | undefined;
  onLeave: (() => void) | undefined;
}

/** One item of the cart, with all that can be done to it and all that stands against it. */
export const CartItem = memo(function CartItem({ item, beat, place, refusal, onLeave }: Props) {
  const { removeFromCart, putBack } = useCartActions();
  const { notify } = useNotices();
  const name = `${item.title}, ${licenseName(item.licenseType)}`;
  const row = useRef<HTMLLIElement>(null);
  const remove = () => {
    if (row.current) focusBeside(row.current);
    removeFromCart(item);
    const act = () => putBack(item, place - 1);
    notify({ text: `${name}, was taken out.`, action: { label: 'Put it back', act } });
  };
  const isOff = item.unavailable !== undefined || item.submittedIn !== undefined;
  return (
    <li className="track" ref={row} data-off={isOff || undefined}>
      <span className="track__place" aria-hidden="true">
        A{place}
      </span>
      <div className="track__sleeve">
        <Artwork url={item.artworkUrl} />
      </div>
      <h3 className="track__title">{item.title}</h3>
      <LicenseChoice item={item} beat={beat} />
      <Quantity item={item} name={name} />
      <p className="track__price">
        {item.unavailable ? (
          <s>{formatMoney(item.unitPrice, item.currency)}</s>
        ) : (
          formatMoney(item.unitPrice * item.quantity, item.currency)
        )}
        {item.quantity > 1 && !item.unavailable && (
          <span className="track__each">{formatMoney(item.unitPrice, item.currency)} each</span>
        )}
      </p>
      <button className="icon-button track__remove" onClick={remove}>
        <CloseIcon />
        <span className="visually-hidden">Remove {name}</span>
      </button>
      <Notes item={item} refusal={refusal} onLeave={onLeave} />
    </li>
  );
});

/** Moves the focus on before a row goes: to Remove of the next, else of the one before, else up. */
function focusBeside(row: HTMLLIElement): void {
  const beside = row.nextElementSibling ?? row.previousElementSibling;
  const heading = '[data-cart-heading], #modal-title';
  const target =
    beside?.querySelector<HTMLElement>('.track__remove') ??
    (row.closest('dialog') ?? document).querySelector<HTMLElement>(heading);
  target?.focus();
}

function LicenseChoice({ item, beat }: { item: Item; beat: Beat | undefined }) {
  const { changeLicense } = useCartActions();
  const offers = beat ? offersOf(beat) : [];
  const isOffered = offers.some((offer) => offer.licenseType === item.licenseType);
  const hasChoice = offers.length > 1 || (offers.length > 0 && !isOffered);
  const isFixed = item.unavailable === 'withdrawn' || item.submittedIn !== undefined;
  if (!beat || !hasChoice || isFixed) {
    return <p className="track__license">{licenseName(item.licenseType)}</p>;
  }
  return (
    <label className="track__license">
      <span className="visually-hidden">License of {item.title}</span>
      <select
        className="field field--small"
        value={item.licenseType}
        onChange={(event) => {
          const offer = offers.find((each) => each.licenseType === event.target.value);
          if (offer) changeLicense(itemId(item), cartItem(beat, offer));
        }}
      >
        {!isOffered && <option value={item.licenseType}>{licenseName(item.licenseType)}</option>}
        {offers.map((offer) => (
          <option key={offer.licenseType} value={offer.licenseType}>
            {licenseName(offer.licenseType)}, {formatMoney(offer.unitPrice, offer.currency)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Quantity({ item, name }: { item: Item; name: string }) {
  const { updateQuantity } = useCartActions();
  const { quantity } = item;
  const change = (by: number) => updateQuantity(itemId(item), quantity + by);
  return (
    <div className="stepper" role="group" aria-label={`How many of ${name}`}>
      <button onClick={() => change(-1)} disabled={quantity <= 1}>
        <MinusIcon />
        <span className="visually-hidden">One less</span>
      </button>
      <output aria-live="polite">{quantity}</output>
      <button onClick={() => change(1)} disabled={quantity >= MOST_OF_ONE}>
        <PlusIcon />
        <span className="visually-hidden">One more</span>
      </button>
    </div>
  );
}

const WORDS: Record<Unavailability, string> = {
  unknown: 'The shop does not know this beat any more.',
  withdrawn: 'This beat has been withdrawn since you chose it.',
  unreleased: 'This beat is not released yet.',
  'license-gone': 'This beat is not sold with this license any more. Choose another, or remove it.',
};

function Notes({ item, refusal, onLeave }: Pick<Props, 'item' | 'refusal' | 'onLeave'>) {
  const { acceptPrice } = useCartActions();
  const { submittedIn, unavailable, previousPrice, unitPrice, currency } = item;
  if (submittedIn !== undefined) {
    return (
      <div className="track__notes" role="status">
        <p className="note note--warn">
          You are paying for this already: the bank’s word is awaited. Until then it is left out of
          the total.{' '}
          <Link className="link-button" href={orderPath(submittedIn)} onClick={onLeave}>
            See the order<span className="visually-hidden"> of {item.title}</span>
          </Link>
        </p>
      </div>
    );
  }
  return (
    <div className="track__notes" role="status">
      {unavailable && (
        <p className="note note--stop">{WORDS[unavailable]} It is left out of the total.</p>
      )}
      {!unavailable && previousPrice !== undefined && (
        <p className="note note--warn">
          The price has changed since you chose it: {formatMoney(previousPrice, currency)} before,{' '}
          <strong>{formatMoney(unitPrice, currency)}</strong> now.{' '}
          <button className="link-button" onClick={() => acceptPrice(itemId(item))}>
            All right<span className="visually-hidden">, {item.title} at the new price</span>
          </button>
        </p>
      )}
      {refusal && <p className="note note--stop">{refusal}</p>}
    </div>
  );
}
