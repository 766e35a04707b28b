import { useQueries } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { Beat } from '../types/beat';
import type { CartItem, CatalogFinding } from '../types/cart';
import { ApiFailure } from '../lib/api/failure';
import { itemId } from '../lib/cart/items';
import { beatQuery } from '../lib/catalog';
import { offerOf } from '../lib/license';
import { useCart } from './useCart';

export interface CatalogCheck {
  /** What the catalogue says of the cart's beats, as far as it has answered. */
  beats: ReadonlyMap<string, Beat>;
  isChecking: boolean;
  /** Whether some beat could not be asked for; the cart then shows what it remembers. */
  hasFailed: boolean;
}

/** Compares the cart with the catalogue and marks at each item what has changed since. */
export function useCatalogCheck(): CatalogCheck {
  const { items, noteFindings } = useCart();
  const ids = useMemo(() => [...new Set(items.map((item) => item.beatId))], [items]);
  const check = useQueries({
    queries: ids.map((id) => ({ ...beatQuery(id), refetchOnMount: 'always' as const })),
    combine: (answers) => ({
      answers: answers.map(({ data, error }, index) => ({ id: ids[index] ?? '', data, error })),
      isChecking: answers.some((answer) => answer.isPending),
      hasFailed: answers.some((answer) => answer.isError && !isUnknown(answer.error)),
    }),
  });

  const { answers } = check;
  useEffect(() => {
    const findings = answers.flatMap(({ id, data, error }) =>
      items.filter((item) => item.beatId === id).flatMap((item) => findingOn(item, data, error)),
    );
    if (findings.length > 0) noteFindings(findings);
  }, [answers, items, noteFindings]);

  const beats = useMemo(
    () => new Map(answers.flatMap(({ id, data }) => (data ? [[id, data] as const] : []))),
    [answers],
  );
  return { beats, isChecking: check.isChecking, hasFailed: check.hasFailed };
}

function isUnknown(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 404;
}

function findingOn(item: CartItem, beat: Beat | undefined, error: unknown): CatalogFinding[] {
  const id = itemId(item);
  if (isUnknown(error)) return [{ id, unavailable: 'unknown' }];
  if (!beat) return [];
  if (!beat.isActive) return [{ id, unavailable: 'withdrawn' }];
  const release = beat.scheduledReleaseAt;
  if (release !== null && Date.parse(release) > Date.now())
    return [{ id, unavailable: 'unreleased' }];
  const offer = offerOf(beat, item.licenseType);
  if (!offer) return [{ id, unavailable: 'license-gone' }];
  const { priceId, unitPrice, currency } = offer;
  return [{ id, offer: { priceId, unitPrice, currency } }];
}
