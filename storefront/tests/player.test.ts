import { beforeEach, describe, expect, test } from 'vitest';
import { Player, type Track } from '../src/lib/player';

/** As much of an audio element as the player uses; it plays at once, and when told to, fails. */
class FakeAudio extends EventTarget {
  src = '';
  preload = '';
  currentTime = 0;
  duration = Number.NaN;
  paused = true;
  error: unknown = null;
  failure: DOMException | null = null;

  play(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    this.paused = false;
    this.duration = 10;
    this.dispatchEvent(new Event('playing'));
    return Promise.resolve();
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.dispatchEvent(new Event('pause'));
  }

  load(): void {
    this.error = null;
  }

  removeAttribute(): void {
    this.src = '';
  }
}

const aTrack = (beatId: string): Track => {
  return { beatId, title: beatId, artworkUrl: null, previewUrl: `https://files.example/${beatId}` };
};
const NIGHT_BUS = aTrack('night-bus');

let audio: FakeAudio;
let player: Player;
beforeEach(() => {
  audio = new FakeAudio();
  player = new Player(audio as unknown as HTMLAudioElement);
});

describe('the player', () => {
  test('plays, pauses and goes on', () => {
    player.toggle(NIGHT_BUS);
    expect(player.playback()).toMatchObject({ track: NIGHT_BUS, status: 'playing', duration: 10 });
    audio.currentTime = 4;
    player.toggle(NIGHT_BUS);
    expect(player.playback()).toMatchObject({ status: 'paused', position: 4 });
    player.toggle(NIGHT_BUS);
    expect(player.playback()).toMatchObject({ status: 'playing', position: 4 });
  });

  test('plays one track at a time', () => {
    player.toggle(NIGHT_BUS);
    player.toggle(aTrack('day-tram'));
    expect(player.playback().track?.beatId).toBe('day-tram');
    expect(audio.src).toBe('https://files.example/day-tram');
  });

  test('seeks within the track, once its length is known', () => {
    player.seek(0.5);
    expect(audio.currentTime).toBe(0);
    player.toggle(NIGHT_BUS);
    player.seek(0.5);
    expect(audio.currentTime).toBe(5);
  });

  test('is at the start again after the end', () => {
    player.toggle(NIGHT_BUS);
    audio.currentTime = 10;
    audio.dispatchEvent(new Event('ended'));
    expect(player.playback()).toMatchObject({ status: 'paused', position: 0 });
  });

  test('stops for good', () => {
    player.toggle(NIGHT_BUS);
    player.stop();
    expect(player.playback()).toMatchObject({ track: null, status: 'silent' });
  });

  test('says when a preview can’t be played, and tries again when asked', async () => {
    audio.failure = new DOMException('gone', 'NotSupportedError');
    player.toggle(NIGHT_BUS);
    await Promise.resolve();
    await Promise.resolve();
    expect(player.playback().status).toBe('broken');
    audio.failure = null;
    player.toggle(NIGHT_BUS);
    expect(player.playback().status).toBe('playing');
  });

  test('takes an interrupted start for no fault', async () => {
    audio.failure = new DOMException('paused', 'AbortError');
    player.toggle(NIGHT_BUS);
    await Promise.resolve();
    await Promise.resolve();
    expect(player.playback().status).toBe('loading');
  });

  test('hands out the same playback until something changes', () => {
    const before = player.playback();
    expect(player.playback()).toBe(before);
    let told = 0;
    const stop = player.subscribe(() => told++);
    player.toggle(NIGHT_BUS);
    expect(told).toBeGreaterThan(0);
    expect(player.playback()).not.toBe(before);
    stop();
  });
});
