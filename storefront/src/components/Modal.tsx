import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { useNotices } from '../hooks/useNotices';
import { CloseIcon } from './icons';
import './Modal.css';

interface Props {
  /** Names it, for screen readers too. */
  title: ReactNode;
  kind: 'sheet' | 'drawer';
  onClose: () => void;
  children: ReactNode;
}

/**
 * A dialog over the page, for as long as it is drawn. The browser keeps the focus in it and gives
 * it back; Escape, the cross and a click beside it close it.
 */
export function Modal({ title, kind, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { addHost } = useNotices();

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => element?.close();
  }, []);

  return (
    // The backdrop is the dialog's own box; keys have Escape for the same.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      className={`modal modal--${kind}`}
      aria-labelledby="modal-title"
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      onClose={() => {
        if (!dialog.current?.open) onClose();
      }}
    >
      <div className="modal__body">
        <header className="modal__head">
          <h2 id="modal-title" tabIndex={-1}>
            {title}
          </h2>
          <button className="icon-button" onClick={onClose}>
            <CloseIcon />
            <span className="visually-hidden">Close</span>
          </button>
        </header>
        {children}
        <div ref={addHost} />
      </div>
    </dialog>
  );
}
