import { Link } from 'wouter';
import { usePageTitle } from '../hooks/usePageTitle';
import { PATHS } from '../lib/paths';

export function NotFoundPage() {
  usePageTitle('Nothing here');
  return (
    <div className="panel-page">
      <p className="label">404</p>
      <h1 className="display">Nothing at this address.</h1>
      <p className="prose">The link may be old, or a letter may be missing.</p>
      <Link className="key key--primary" href={PATHS.beats}>
        To the beats
      </Link>
    </div>
  );
}
