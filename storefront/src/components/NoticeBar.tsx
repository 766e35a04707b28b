import { useEffect, useEffectEvent } from 'react';
import { useLocation } from 'wouter';
import { useNotices } from '../hooks/useNotices';
import { CloseIcon } from './icons';
import './NoticeBar.css';

const SHOWN_FOR = 8_000; // milliseconds; all that a notice offers can be done elsewhere too

/** What has just happened, in a corner of the screen, told to screen readers as well. */
export function NoticeBar() {
  const { notices, dismiss } = useNotices();
  const [notice] = notices;
  const id = notice?.id;
  const [path] = useLocation();

  useEffect(() => {
    if (id === undefined) return;
    const timer = setTimeout(() => dismiss(id), SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [id, dismiss]);

  // What a notice says is about the page that it was said on.
  const leavePage = useEffectEvent(() => {
    if (id !== undefined) dismiss(id);
  });
  useEffect(() => () => leavePage(), [path]);

  return (
    <div className="notices" role="status">
      {notice && (
        <div className="notice" key={notice.id}>
          <span className="led led--go" aria-hidden="true" />
          <p>{notice.text}</p>
          {notice.action && (
            <button
              className="link-button"
              onClick={() => {
                notice.action?.act();
                dismiss(notice.id);
              }}
            >
              {notice.action.label}
            </button>
          )}
          <button className="icon-button" onClick={() => dismiss(notice.id)}>
            <CloseIcon />
            <span className="visually-hidden">Close this message</span>
          </button>
        </div>
      )}
    </div>
  );
}
