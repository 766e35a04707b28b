interface Origins {
  /** Where previews, covers and bought files are: Cloudinary's hosts, as a CSP source list. */
  files: string;
  /** The API's origin, where it is not the shop's own. */
  api?: string;
}

/** The strictest policy that the built shop works under; no inline script or style is in it. */
export function contentSecurityPolicy({ files, api = '' }: Origins): string {
  return [
    "default-src 'self'",
    `img-src 'self' ${files}`,
    `media-src 'self' ${files}`,
    `connect-src 'self' ${files} ${api}`.trim(),
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
