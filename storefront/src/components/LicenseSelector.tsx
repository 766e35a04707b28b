import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { licensesQuery } from '../lib/catalog';
import { LICENSE_TYPES, licenseName, offerOf, rightsOf } from '../lib/license';
import { formatMoney } from '../lib/money';
import type { Beat, LicenseTerms, LicenseType } from '../types/beat';
import './LicenseSelector.css';

interface Props {
  beat: Beat;
  chosen: LicenseType;
  onChoose: (type: LicenseType) => void;
}

/** The three licenses side by side: what each allows and costs. One can be chosen. */
export function LicenseSelector({ beat, chosen, onChoose }: Props) {
  const { data: terms } = useQuery(licensesQuery);
  const name = useId();
  return (
    <fieldset className="licenses">
      <legend className="visually-hidden">License</legend>
      {LICENSE_TYPES.map((type) => (
        <Pad
          key={type}
          beat={beat}
          type={type}
          terms={terms?.find((each) => each.licenseType === type)}
          group={name}
          isChosen={type === chosen}
          onChoose={onChoose}
        />
      ))}
    </fieldset>
  );
}

interface PadProps {
  beat: Beat;
  type: LicenseType;
  terms: LicenseTerms | undefined;
  group: string;
  isChosen: boolean;
  onChoose: (type: LicenseType) => void;
}

function Pad({ beat, type, terms, group, isChosen, onChoose }: PadProps) {
  const offer = offerOf(beat, type);
  const name = useId();
  const rights = useId();
  return (
    <label className="pad" data-off={!offer || undefined}>
      <input
        type="radio"
        name={group}
        value={type}
        checked={isChosen}
        disabled={!offer}
        onChange={() => onChoose(type)}
        aria-labelledby={name}
        aria-describedby={rights}
        data-autofocus={isChosen || undefined}
      />
      <span className="pad__head" id={name}>
        <span className="led" aria-hidden="true" />
        <span className="pad__name">{licenseName(type)}</span>
        <span className="pad__price">
          {offer ? formatMoney(offer.unitPrice, offer.currency) : whyNot(beat, type)}
        </span>
      </span>
      <span className="pad__rights" id={rights}>
        {terms
          ? rightsOf(terms).map((right) => (
              <span key={right.name} className="pad__right" data-granted={right.isGranted}>
                {!right.isGranted && <span className="visually-hidden">Not: </span>}
                {right.name}
              </span>
            ))
          : Array.from({ length: 8 }, (_, index) => <span key={index} className="bone" />)}
      </span>
    </label>
  );
}

function whyNot(beat: Beat, type: LicenseType): string {
  return type !== 'WAV_LEASE' && !beat.hasStems ? 'No stems' : 'Not offered';
}
