import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export function PlayIcon() {
  return (
    <Icon>
      <path d="M7 4v16l13-8z" />
    </Icon>
  );
}

export function PauseIcon() {
  return (
    <Icon>
      <path d="M6 4h4v16H6zM14 4h4v16h-4z" />
    </Icon>
  );
}

export function CloseIcon() {
  return (
    <Icon>
      <path d="m5.6 4.2 6.4 6.4 6.4-6.4 1.4 1.4-6.4 6.4 6.4 6.4-1.4 1.4-6.4-6.4-6.4 6.4-1.4-1.4 6.4-6.4-6.4-6.4z" />
    </Icon>
  );
}

export function MinusIcon() {
  return (
    <Icon>
      <path d="M4 11h16v2H4z" />
    </Icon>
  );
}

export function PlusIcon() {
  return (
    <Icon>
      <path d="M11 4h2v7h7v2h-7v7h-2v-7H4v-2h7z" />
    </Icon>
  );
}

export function CrateIcon() {
  return (
    <Icon>
      <path d="M2 10h20v11H2zm2 2v7h16v-7zM6 15h12v2H6zM5 3h6v7H9V5H7v5H5zM13 4.4l5.8-1.2 1.5 6.8h-2l-1-4.5-1.9.4 1 4.1h-2z" />
    </Icon>
  );
}

export function DownIcon() {
  return (
    <Icon>
      <path d="M11 3h2v10.2l3.6-3.6L18 11l-6 6-6-6 1.4-1.4 3.6 3.6zM4 19h16v2H4z" />
    </Icon>
  );
}
