import { useState } from 'react';

interface Props {
  url: string | null;
  /** Whether it is what the buyer sees first, so that it should not wait. */
  isEager?: boolean;
}

/** A beat's cover; a blank sleeve where there is none, or where it does not come. */
export function Artwork({ url, isEager = false }: Props) {
  const [missing, setMissing] = useState<string | null>(null);
  if (url === null || url === missing) return <span className="artwork artwork--blank" />;
  return (
    <img
      className="artwork"
      src={url}
      alt=""
      width="600"
      height="600"
      loading={isEager ? 'eager' : 'lazy'}
      fetchPriority={isEager ? 'high' : 'auto'}
      decoding="async"
      onError={() => setMissing(url)}
    />
  );
}
