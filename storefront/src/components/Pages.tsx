import { Link } from 'wouter';
import type { Pagination } from '../types/beat';

interface Props {
  pagination: Pagination;
  hrefOf: (page: number) => string;
}

/** Links to the pages of a list: the first, the last, and those around this one. */
export function Pages({ pagination, hrefOf }: Props) {
  const { page, totalPages } = pagination;
  if (totalPages < 2) return null;
  const numbers = pagesAround(page, totalPages);
  return (
    <nav className="pages" aria-label="Pages of beats">
      {pagination.hasPrev && (
        <Link className="key key--small" href={hrefOf(page - 1)} rel="prev">
          Previous
        </Link>
      )}
      <ol>
        {numbers.map((number, index) => (
          <li key={number} data-gap={number - (numbers[index - 1] ?? number - 1) > 1 || undefined}>
            <Link
              className="pages__page"
              href={hrefOf(number)}
              aria-label={`Page ${number}`}
              aria-current={number === page ? 'page' : undefined}
            >
              {number}
            </Link>
          </li>
        ))}
      </ol>
      {pagination.hasNext && (
        <Link className="key key--small" href={hrefOf(page + 1)} rel="next">
          Next
        </Link>
      )}
    </nav>
  );
}

function pagesAround(page: number, last: number): number[] {
  const all = [1, page - 1, page, page + 1, last].filter((each) => each >= 1 && each <= last);
  return [...new Set(all)].sort((a, b) => a - b);
}
