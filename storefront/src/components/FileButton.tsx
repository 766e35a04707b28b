import { useState } from 'react';
import { ApiFailure, sentenceOf } from '../lib/api/failure';
import { download } from '../lib/download';
import { record } from '../lib/metrics';
import type { LicenseType } from '../types/beat';
import { DownIcon } from './icons';

interface Props {
  url: string;
  /** What it is of, for screen readers. */
  name: string;
  /** What it is, on the button. */
  kind: string;
  beatId: string;
  licenseType: LicenseType;
  /** When the link ends, in milliseconds. */
  endsAt: number;
  onExpired: () => void;
}

type Phase = { is: 'idle' | 'asking' | 'under-way' } | { is: 'failed'; sentence: string };

/** Starts the download of one file, or says why it can't be had. */
export function FileButton({ url, name, kind, beatId, licenseType, endsAt, onExpired }: Props) {
  const [phase, setPhase] = useState<Phase>({ is: 'idle' });

  const start = async () => {
    if (phase.is === 'asking') return;
    if (endsAt <= Date.now()) {
      onExpired();
      setPhase({
        is: 'failed',
        sentence: 'That link had ended. Here are fresh ones: press again.',
      });
      return;
    }
    setPhase({ is: 'asking' });
    try {
      await download(url);
      setPhase({ is: 'under-way' });
      record('download_finished', { beatId, licenseType }); // as far as a page can know
    } catch (error) {
      setPhase({ is: 'failed', sentence: sentenceOf(error) });
      if (error instanceof ApiFailure && error.status === 401) onExpired();
    }
  };
  return (
    <span className="file">
      <button
        className="key"
        onClick={() => void start()}
        data-busy={phase.is === 'asking' || undefined}
      >
        <DownIcon /> {kind}
        <span className="visually-hidden"> of {name}</span>
      </button>
      <span className="file__phase" role="status">
        {words(phase)}
      </span>
    </span>
  );
}

function words(phase: Phase): string {
  switch (phase.is) {
    case 'idle':
    case 'asking':
      return '';
    case 'under-way':
      return 'Among your downloads';
    case 'failed':
      return phase.sentence;
  }
}
