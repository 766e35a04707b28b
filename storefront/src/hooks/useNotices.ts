import { use } from 'react';
import { NoticesContext, type Notices } from '../contexts/NoticesContext';

export function useNotices(): Notices {
  const notices = use(NoticesContext);
  if (!notices) throw new Error('useNotices needs a NoticesProvider around it.');
  return notices;
}
