import { useState } from 'react';
import { ApiFailure, sentenceOf } from '../lib/api/failure';
import { download } from '../lib/download';
import { record } from '../lib/metrics';
import type { LicenseType } from '../types/beat';
import { DownIcon } from './icons';

interface Props {
  url: string;
  /** What the file is called on the buyer's disk, without its ending. */
  name: string;
  /** What it is, on the button. */
  kind: string;
  beatId: string;
  licenseType: LicenseType;
  /** When the link ends, in milliseconds. */
  endsAt: number;
  onExpired: () => void;
}

type Phase =
  | { is: 'idle' | 'saved' | 'handed-over' }
  | { is: 'running'; share: number | null }
  | { is: 'failed'; sentence: string };

/** Fetches one file to the buyer's disk, and tells how far it is. */
export function FileButton({ url, name, kind, beatId, licenseType, endsAt, onExpired }: Props) {
  const [phase, setPhase] = useState<Phase>({ is: 'idle' });
  const isRunning = phase.is === 'running';

  const start = async () => {
    if (isRunning) return;
    if (endsAt <= Date.now()) {
      onExpired();
      setPhase({
        is: 'failed',
        sentence: 'That link had ended. Here are fresh ones: press again.',
      });
      return;
    }
    setPhase({ is: 'running', share: null });
    try {
      const end = await download(url, name, (share) => setPhase({ is: 'running', share }));
      setPhase({ is: end });
      if (end === 'saved') record('download_finished', { beatId, licenseType });
    } catch (error) {
      setPhase({ is: 'failed', sentence: sentenceOf(error) });
      if (error instanceof ApiFailure && error.status === 401) onExpired();
    }
  };
  return (
    <span className="file">
      <button className="key" onClick={() => void start()} data-busy={isRunning || undefined}>
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
      return '';
    case 'running':
      return phase.share === null ? 'Fetching' : `${Math.round(phase.share * 100)}%`;
    case 'saved':
      return 'Saved';
    case 'handed-over':
      return 'Your browser has it';
    case 'failed':
      return phase.sentence;
  }
}
