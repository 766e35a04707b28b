/** What can be heard: a beat's preview. */
export interface Track {
  beatId: string;
  title: string;
  artworkUrl: string | null;
  previewUrl: string;
}

export interface Playback {
  track: Track | null;
  status: 'silent' | 'loading' | 'playing' | 'paused' | 'broken';
  /** Seconds. */
  position: number;
  duration: number;
}

const SILENCE: Playback = { track: null, status: 'silent', position: 0, duration: 0 };

/** Plays previews one at a time, in this tab and in the shop's others. */
export class Player {
  readonly #audio: HTMLAudioElement;
  readonly #others: BroadcastChannel | null;
  readonly #listeners = new Set<() => void>();
  #playback: Playback = SILENCE;
  #frame = 0;

  constructor(audio = new Audio()) {
    this.#audio = audio;
    audio.preload = 'auto';
    audio.addEventListener('playing', () => this.#become('playing'));
    audio.addEventListener('waiting', () => this.#become('loading'));
    audio.addEventListener('pause', () => this.#become('paused'));
    audio.addEventListener('ended', () => this.#ended());
    audio.addEventListener('error', () => this.#become('broken'));
    audio.addEventListener('durationchange', () => this.#note());
    audio.addEventListener('seeked', () => this.#note());
    this.#others = 'BroadcastChannel' in window ? new BroadcastChannel('beatline.player') : null;
    this.#others?.addEventListener('message', () => this.pause());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same object until something changes. */
  readonly playback = (): Playback => this.#playback;

  /** Plays a track from its start, or lets it go on, or pauses it. */
  toggle(track: Track): void {
    if (this.#playback.track?.beatId !== track.beatId) this.#start(track);
    else if (this.#audio.paused || this.#playback.status === 'broken') this.#resume();
    else this.pause();
  }

  pause(): void {
    this.#audio.pause();
  }

  stop(): void {
    this.#audio.pause();
    this.#audio.removeAttribute('src');
    this.#change(SILENCE);
  }

  /** Goes to a place in the track, from 0 to 1. */
  seek(share: number): void {
    const { duration } = this.#playback;
    if (duration > 0) this.#audio.currentTime = share * duration;
  }

  #start(track: Track): void {
    this.#change({ ...SILENCE, track, status: 'loading' });
    this.#audio.src = track.previewUrl;
    this.#resume();
    describe(track);
  }

  #resume(): void {
    if (this.#audio.error) this.#audio.load();
    this.#others?.postMessage('playing');
    this.#audio.play().catch((error: unknown) => {
      const wasInterrupted = error instanceof DOMException && error.name === 'AbortError';
      if (!wasInterrupted) this.#become('broken'); // by a pause or by another track
    });
  }

  #ended(): void {
    this.#audio.currentTime = 0;
    this.#become('paused');
  }

  #become(status: Playback['status']): void {
    if (!this.#playback.track) return;
    this.#change({ ...this.#playback, ...this.#measures(), status });
    cancelAnimationFrame(this.#frame);
    if (status === 'playing') this.#follow();
  }

  /** Notes the position with every frame while it plays: `timeupdate` is too coarse for a line. */
  #follow(): void {
    this.#frame = requestAnimationFrame(() => {
      if (this.#playback.status !== 'playing') return;
      this.#note();
      this.#follow();
    });
  }

  #note(): void {
    if (this.#playback.track) this.#change({ ...this.#playback, ...this.#measures() });
  }

  #measures(): Pick<Playback, 'position' | 'duration'> {
    const { currentTime, duration } = this.#audio;
    return { position: currentTime, duration: Number.isFinite(duration) ? duration : 0 };
  }

  #change(playback: Playback): void {
    this.#playback = playback;
    for (const listener of this.#listeners) listener();
  }
}

/** Tells the phone's lock screen what plays. */
function describe(track: Track): void {
  if (!('mediaSession' in navigator)) return;
  navigator.mediaSession.metadata = new MediaMetadata({
    title: track.title,
    artist: 'Preview',
    artwork: track.artworkUrl ? [{ src: track.artworkUrl }] : [],
  });
}
