// The time that every part of the page shows, in ms of simulation time.

const LONGEST_FRAME_MS = 250; // a page that was hidden, or drew slowly, goes on from where it was

export class Clock {
  constructor(end_ms) {
    this.end_ms = end_ms;
    this.t_ms = 0;
    this.before_ms = 0; // time of the last frame while playing: what happened since is shown
    this.speed = 0.25; // simulated time per time that passes
    this.playing = false;
    this.listeners = [];
  }

  listen(listener) {
    this.listeners.push(listener);
  }

  tell() {
    for (const listener of this.listeners) listener(this);
  }

  set(t_ms) {
    this.t_ms = Math.min(Math.max(t_ms, 0), this.end_ms);
    this.before_ms = this.t_ms;
    this.tell();
  }

  play() {
    if (this.playing) return;
    if (this.t_ms >= this.end_ms) this.t_ms = 0;
    this.playing = true;
    let last = null;
    const frame = (now) => {
      if (!this.playing) return;
      this.before_ms = this.t_ms;
      const passed_ms = Math.min(now - (last ?? now), LONGEST_FRAME_MS);
      this.t_ms = Math.min(this.t_ms + passed_ms * this.speed, this.end_ms);
      last = now;
      if (this.t_ms >= this.end_ms) this.playing = false;
      this.tell();
      if (this.playing) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    this.tell();
  }

  pause() {
    this.playing = false;
    this.before_ms = this.t_ms;
    this.tell();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }
}
