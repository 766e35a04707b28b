import { useQuery } from '@tanstack/react-query';
import { useNow } from '../hooks/useNow';
import { licenseName } from '../lib/license';
import { downloadsQuery, type TimedDownloads } from '../lib/orders';
import type { Order } from '../types/order';
import { FileButton } from './FileButton';
import { Problem } from './Problem';
import './Downloads.css';

/** The files of an order, for as long as their links live, and fresh links after that. */
export function Downloads({ order }: { order: Order }) {
  const { data, error, isFetching, refetch } = useQuery(downloadsQuery(order));
  const renew = () => void refetch();
  if (order.customerEmail === null) {
    return <p className="note note--warn">Your files are in the mail that was sent to you.</p>;
  }
  return (
    <section className="downloads" aria-labelledby="downloads-title">
      <header className="downloads__head">
        <h2 id="downloads-title">Your files</h2>
        {data && <Expiry endsAt={data.endsAt} isRenewing={isFetching} onRenew={renew} />}
      </header>
      {error && <Problem title="The links could not be made." error={error} onRetry={renew} />}
      {!data && !error && (
        <p className="label" role="status">
          <span className="led led--busy" aria-hidden="true" /> Making your links
        </p>
      )}
      {data && <Files downloads={data} onExpired={renew} />}
    </section>
  );
}

function Files({ downloads, onExpired }: { downloads: TimedDownloads; onExpired: () => void }) {
  return (
    <ul className="downloads__beats">
      {downloads.beats.map(({ beatId, beatTitle, licenseType, downloadUrls }) => {
        const about = { beatId, licenseType, onExpired, endsAt: downloads.endsAt };
        return (
          <li key={`${beatId}:${licenseType}`} className="downloads__beat">
            <div>
              <h3>{beatTitle}</h3>
              <p>{licenseName(licenseType)}</p>
            </div>
            <div className="key-row">
              <FileButton {...about} url={downloadUrls.master} name={beatTitle} kind="WAV master" />
              {downloadUrls.stems && (
                <FileButton
                  {...about}
                  url={downloadUrls.stems}
                  name={beatTitle}
                  kind="Stems, ZIP"
                />
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

interface ExpiryProps {
  endsAt: number;
  isRenewing: boolean;
  onRenew: () => void;
}

function Expiry({ endsAt, isRenewing, onRenew }: ExpiryProps) {
  const left = endsAt - useNow(1_000);
  return (
    <div className="expiry">
      <p>
        {left > 0 ? (
          <>
            <span className="label">Links live for </span>
            <span className="readout readout--small" role="timer">
              {countdown(left)}
            </span>
          </>
        ) : (
          <span role="status">These links have ended; fresh ones are yours at any time.</span>
        )}
      </p>
      <button className="key key--small" onClick={onRenew} aria-disabled={isRenewing}>
        {isRenewing ? 'Making fresh links' : 'Get fresh links'}
      </button>
    </div>
  );
}

function countdown(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
