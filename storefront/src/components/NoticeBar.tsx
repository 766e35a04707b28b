import { useEffect, useEffectEvent } from 'react';
import { createPortal } from 'react-dom';
import { useLocation } from 'wouter';
import type { Notice } from '../contexts/NoticesContext';
import { useNotices } from '../hooks/useNotices';
import { CloseIcon } from './icons';
import './NoticeBar.css';

const SHOWN_FOR = 8_000; // milliseconds; all that a notice offers can be done elsewhere too

/** What has just happened, in a corner of the screen or in a dialog, told to screen readers too. */
export function NoticeBar() {
  const { notices, dismiss, host } = useNotices();
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

  const word = notice && <Word key={notice.id} notice={notice} dismiss={dismiss} />;
  // Both stand there before there is a word in them: some screen readers tell no others.
  return (
    <>
      <div className="notices" role="status">
        {!host && word}
      </div>
      {host &&
        createPortal(
          <div className="notices" role="status">
            {word}
          </div>,
          host,
        )}
    </>
  );
}

function Word({ notice, dismiss }: { notice: Notice; dismiss: (id: number) => void }) {
  const { id, text, action } = notice;
  return (
    <div className="notice">
      <span className="led led--go" aria-hidden="true" />
      <p>{text}</p>
      {action && (
        <button
          className="link-button"
          onClick={() => {
            action.act();
            dismiss(id);
          }}
        >
          {action.label}
        </button>
      )}
      <button className="icon-button" onClick={() => dismiss(id)}>
        <CloseIcon />
        <span className="visually-hidden">Close this message</span>
      </button>
    </div>
  );
}
