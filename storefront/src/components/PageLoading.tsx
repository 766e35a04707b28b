/** Holds a page's place while its code is on the way. */
export function PageLoading() {
  return (
    <div className="panel-page" role="status">
      <p className="label">
        <span className="led led--busy" aria-hidden="true" /> Loading
      </p>
    </div>
  );
}
