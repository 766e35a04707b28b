import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { BeatCard } from '../components/BeatCard';
import { BeatCardSkeleton } from '../components/BeatCardSkeleton';
import { FeaturedBeat } from '../components/FeaturedBeat';
import { FilterRack } from '../components/FilterRack';
import { Pages } from '../components/Pages';
import { Problem } from '../components/Problem';
import { useOnline } from '../hooks/useOnline';
import { usePageTitle } from '../hooks/usePageTitle';
import {
  addressOf,
  filterCount,
  filtersFrom,
  PAGE_SIZE,
  queryOf,
  withoutFilters,
  type BeatFilters,
} from '../lib/beatFilters';
import { beatsQuery } from '../lib/catalog';
import { PATHS } from '../lib/paths';
import type { Beat, Pagination } from '../types/beat';
import './BeatsPage.css';

/** The catalogue; at the shop's start with the featured beat above it. */
export function BeatsPage({ isHome = false }: { isHome?: boolean }) {
  const { filters, hrefOf, change } = useFilters(isHome ? PATHS.home : PATHS.beats);
  const { data, error, isPlaceholderData, refetch } = useQuery(beatsQuery(queryOf(filters)));
  const isUnfiltered = filterCount(filters) === 0 && filters.page === 1;
  usePageTitle(filters.genre ? `${filters.genre} beats` : 'Beats');
  return (
    <div className="beats-page">
      <div className="headline">
        <h1>Beats to license. Files the moment you’ve paid.</h1>
        <Count pagination={data?.pagination} />
      </div>
      {isHome && isUnfiltered && <FeaturedBeat />}
      <FilterRack filters={filters} onChange={change} />
      {error && !data && (
        <Problem
          title="The beats could not be fetched."
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {!error && !data && <Waiting />}
      {data && (
        <Results beats={data.data} page={filters.page} isStale={isPlaceholderData}>
          {data.data.length === 0 && (
            <Nothing filters={filters} total={data.pagination.total} hrefOf={hrefOf} />
          )}
          <Pages pagination={data.pagination} hrefOf={(page) => hrefOf({ ...filters, page })} />
        </Results>
      )}
    </div>
  );
}

/** The filters that the address holds, and how to change them there. */
function useFilters(path: string) {
  const address = useSearch();
  const [, navigate] = useLocation();
  const filters = useMemo(() => filtersFrom(new URLSearchParams(address)), [address]);
  const hrefOf = (wanted: BeatFilters) => {
    const query = addressOf(wanted).toString();
    return query ? `${path}?${query}` : path;
  };
  const change = (wanted: BeatFilters, isTyping: boolean) =>
    navigate(hrefOf(wanted), { replace: isTyping });
  return { filters, hrefOf, change };
}

function Count({ pagination }: { pagination: Pagination | undefined }) {
  if (!pagination) return <p role="status" />;
  const { total } = pagination;
  return (
    <p role="status">
      <strong>{total}</strong> {total === 1 ? 'beat' : 'beats'}
    </p>
  );
}

/** Skeletons; without a connection, words in their place. */
function Waiting() {
  const isOnline = useOnline();
  if (!isOnline) {
    return <p className="nothing">The beats will be here as soon as you are online again.</p>;
  }
  return (
    <div className="crate" aria-busy="true">
      {Array.from({ length: PAGE_SIZE }, (_, index) => (
        <BeatCardSkeleton key={index} />
      ))}
    </div>
  );
}

interface ResultsProps {
  beats: Beat[];
  page: number;
  /** Whether these are still the beats of the filters before. */
  isStale: boolean;
  children: React.ReactNode;
}

function Results({ beats, page, isStale, children }: ResultsProps) {
  const top = useRef<HTMLHeadingElement>(null);
  const shown = useRef(page);
  useEffect(() => {
    if (isStale || shown.current === page) return;
    shown.current = page;
    top.current?.scrollIntoView();
    top.current?.focus({ preventScroll: true });
  }, [page, isStale]);
  return (
    <section className="results" aria-busy={isStale}>
      <h2 ref={top} tabIndex={-1} className="visually-hidden">
        Beats{page > 1 && `, page ${page}`}
      </h2>
      {beats.length > 0 && (
        <div className="crate">
          {beats.map((beat, index) => (
            <BeatCard key={beat.id} beat={beat} isEager={index < 4} />
          ))}
        </div>
      )}
      {children}
    </section>
  );
}

interface NothingProps {
  filters: BeatFilters;
  total: number;
  hrefOf: (filters: BeatFilters) => string;
}

function Nothing({ filters, total, hrefOf }: NothingProps) {
  if (total > 0) {
    return (
      <p className="nothing">
        There are no beats on this page.{' '}
        <Link href={hrefOf({ ...filters, page: 1 })}>To page 1</Link>
      </p>
    );
  }
  return (
    <p className="nothing">
      No beat fits. <Link href={hrefOf(withoutFilters(filters))}>Show all beats</Link>
    </p>
  );
}
