import { useState } from 'react';
import { offerOf, offersOf } from '../lib/license';
import { formatMoney } from '../lib/money';
import type { Beat, LicenseType } from '../types/beat';
import { AddToCartButton } from './AddToCartButton';
import { Artwork } from './Artwork';
import { LicenseSelector } from './LicenseSelector';
import { Modal } from './Modal';

interface Props {
  beat: Beat;
  onClose: () => void;
}

/** Where a buyer chooses the license of a beat and puts it into the cart. */
export function LicenseModal({ beat, onClose }: Props) {
  const [chosen, setChosen] = useState<LicenseType>(offersOf(beat)[0]?.licenseType ?? 'WAV_LEASE');
  const offer = offerOf(beat, chosen);
  return (
    <Modal kind="sheet" onClose={onClose} title={<Title beat={beat} />}>
      <div className="modal__scroll">
        <LicenseSelector beat={beat} chosen={chosen} onChoose={setChosen} />
        <p className="license-terms">
          Each is non-exclusive, worldwide, for ten years. What the license says on the day you buy
          it stays true for your copy.
        </p>
      </div>
      <footer className="modal__foot">
        <p className="readout" aria-live="polite">
          {offer && formatMoney(offer.unitPrice, offer.currency)}
        </p>
        {offer && <AddToCartButton beat={beat} offer={offer} onAdded={onClose} />}
      </footer>
    </Modal>
  );
}

function Title({ beat }: { beat: Beat }) {
  return (
    <span className="license-title">
      <Artwork url={beat.artworkUrl} />
      <span>
        <span className="label">License </span>
        <span className="license-title__name">{beat.title}</span>
      </span>
    </span>
  );
}
