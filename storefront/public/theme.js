// Puts a theme that was chosen before (see src/lib/theme.ts) on the page before it is painted.
try {
  const theme = localStorage.getItem('beatline.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to this page: the system's theme it is.
}
