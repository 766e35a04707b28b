import { sentenceOf } from '../lib/api/failure';

interface Props {
  title: string;
  error: unknown;
  onRetry?: () => void;
}

/** Something could not be had: what, why, and how to ask again. */
export function Problem({ title, error, onRetry }: Props) {
  return (
    <div className="problem" role="alert">
      <span className="led led--stop" aria-hidden="true" />
      <div>
        <h2>{title}</h2>
        <p>{sentenceOf(error)}</p>
        {onRetry && (
          <button className="key" onClick={onRetry}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}
