/** A card's place while the beats are on the way: as large as a card, so that nothing jumps. */
export function BeatCardSkeleton() {
  return (
    <div className="beat beat--skeleton" aria-hidden="true">
      <div className="beat__sleeve">
        <span className="artwork artwork--blank" />
      </div>
      <div className="beat__line">
        <span className="play play--blank" />
        <span className="waveform" />
      </div>
      <div className="beat__facts">
        <p className="beat__title">
          <span className="bone" />
        </p>
        <p className="beat__meta">
          <span className="bone bone--short" />
        </p>
      </div>
      <div className="beat__buy">
        <p className="beat__price">
          <span className="bone bone--short" />
        </p>
      </div>
    </div>
  );
}
