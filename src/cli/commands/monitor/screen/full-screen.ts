import type { Terminal } from '../../../main/terminal';
import { every } from '../../../time/wait';
import { glyphsOf } from '../output/graph';
import type { Model } from '../model/model';
import { Painter } from './painter';
import { render, type RenderOptions } from '../output/render';
import { Screen } from './screen';
import { press, type Extent, type View } from '../model/view';
import type { Watch } from '../watch';

/** Without changes it repaints once a second, because rates fall with time, and stops after a while. */
const IDLE_NS = 1e9;
const ASLEEP_NS = 62e9;

/** Shows the monitor on a terminal until the user quits or `io.signal` is aborted. */
export class FullScreen {
  readonly #io: Terminal;
  readonly #watch: Watch;
  readonly #painter = new Painter();
  #view: View;
  /** The state to show while paused, and its time. */
  #frozen: { readonly model: Model; readonly nowNs: number } | undefined;
  #extent: Extent = { rows: 0, page: 0 };
  #paintedNs = -Infinity;
  #paintedVersion = -1;
  #changedNs: number;

  constructor(watch: Watch, view: View, io: Terminal) {
    this.#watch = watch;
    this.#view = view;
    this.#io = io;
    this.#changedNs = this.#now;
  }

  /** @param refreshMs time between two refreshes */
  async run(refreshMs: number): Promise<void> {
    const { signal } = this.#io;
    if (signal.aborted) return;
    let quit = (): void => undefined;
    const end = new Promise<void>((resolve) => (quit = resolve));
    const screen = new Screen(this.#io, {
      onKey: (key) => {
        if (this.#press(key) === 'quit') quit();
        else this.#paint(screen);
      },
      onResize: () => {
        this.#painter.invalidate();
        this.#paint(screen);
      },
    });
    const stop = every(refreshMs, this.#io.clock, () => {
      this.#watch.refresh();
      if (this.#isDue()) this.#paint(screen);
    });
    signal.addEventListener('abort', quit);
    try {
      this.#paint(screen);
      await Promise.race([end, this.#watch.failure]);
    } finally {
      stop();
      signal.removeEventListener('abort', quit);
      screen.close();
    }
  }

  get #now(): number {
    return Number(this.#io.clock.now());
  }

  #isDue(): boolean {
    const nowNs = this.#now;
    const { version } = this.#watch.model;
    if (version !== this.#paintedVersion) {
      this.#changedNs = nowNs;
      // A paused screen does not change.
      return this.#frozen === undefined;
    }
    return nowNs - this.#paintedNs >= IDLE_NS && nowNs - this.#changedNs < ASLEEP_NS;
  }

  #paint(screen: Screen): void {
    if (!screen.ready) return;
    const { columns, rows, color } = this.#io;
    const options: RenderOptions = { columns, rows, color, glyphs: glyphsOf(process.env) };
    const nowNs = this.#now;
    this.#paintedNs = nowNs;
    this.#paintedVersion = this.#watch.model.version;
    const shown = this.#frozen ?? { model: this.#watch.model, nowNs };
    const rendered = render(shown.model, this.#view, options, shown.nowNs);
    this.#extent = rendered.extent;
    screen.write(this.#painter.paint(rendered, color));
  }

  #press(key: string): 'quit' | undefined {
    const { view, action } = press(this.#view, key, this.#extent);
    const { model } = this.#watch;
    this.#view = view;
    if (action === 'redraw') this.#painter.invalidate();
    if (action === 'reset') model.reset();
    if (!view.paused) this.#frozen = undefined;
    else if (this.#frozen === undefined || action === 'reset') {
      this.#frozen = { model: model.clone(), nowNs: this.#now };
    }
    return action === 'quit' ? action : undefined;
  }
}
