/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** The API's origin, where it is not the one that serves the shop. */
  readonly VITE_API_URL?: string;
}
