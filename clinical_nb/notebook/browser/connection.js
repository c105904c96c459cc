/** The line to the kernel: what is sent and heard on it, and whether the kernel is busy, gone, or back again. */

const MODEL_ID = "clinical-nb-panel"; // as in panel.py
const BUSY_AFTER = 1500; // ms without being heard
const LOOK_FOR_KERNEL = 500; // ms

/**
 * What a drawing does when the kernel showed another view, said something, is gone, or there again; and when only the state changed.
 * @typedef {{shown(): void, hear(message: any): void, lost(): void, bound(): void, paint(): void}} Listener
 */

export class Connection {
  /** @param {Model} model @param {Listener} listener */
  constructor(model, listener) {
    this.model = model;
    this.listener = listener;
    this.restarted = false;
    this.unheard = 0;
    this.late = false;
    /** @type {number | undefined} */
    this.clock = undefined;
    /** @type {number | undefined} */
    this.search = undefined;
    this.changed = () => listener.shown();
    this.messaged = (/** @type {any} */ message) => this.hear(message);
    this.lived = () => void this.kernelChanged();
  }

  get view() {
    return this.model.get("view");
  }

  /** @param {Model} model */
  bind(model) {
    this.model = model;
    model.on("change:view", this.changed);
    model.on("msg:custom", this.messaged);
    model.on("comm_live_update", this.lived);
    this.restarted = false;
    this.listener.bound();
    this.send({ look: null });
    void this.kernelChanged();
  }

  unbind() {
    this.model.off("change:view", this.changed);
    this.model.off("msg:custom", this.messaged);
    this.model.off("comm_live_update", this.lived);
    clearTimeout(this.clock);
    clearInterval(this.search);
  }

  /** @param {object} message @param {ArrayBuffer[]} [buffers] */
  send(message, buffers) {
    if (this.restarted) return;
    this.model.send(message, undefined, buffers);
    this.unheard += 1;
    this.watch();
  }

  /** Ask what the store holds now: another notebook may have changed it. */
  refresh() {
    if (this.unheard === 0) this.send({ look: null });
  }

  /** Say that the kernel is busy when it hears nothing for a while. */
  watch() {
    this.clock ??= setTimeout(() => {
      this.late = true;
      this.listener.paint();
    }, BUSY_AFTER);
  }

  /** Count what was heard; older runs come by themselves, and answer nothing. @param {{heard?: string, older?: object}} message */
  hear(message) {
    if (!message.older) {
      this.unheard = Math.max(0, this.unheard - 1);
      clearTimeout(this.clock);
      this.clock = undefined;
      this.late = this.late && this.unheard > 0;
      if (this.unheard > 0) this.watch();
    }
    this.listener.hear(message);
  }

  /** Tell when the kernel is gone; only the host's own model says so, not the one that it hands to widgets. */
  async kernelChanged() {
    const host = this.model.widget_manager;
    if (this.restarted || !host.has_model(MODEL_ID) || (await host.get_model(MODEL_ID)).comm_live !== false) return;
    this.restarted = true;
    this.unheard = 0;
    this.late = false;
    this.lookForKernel();
    this.listener.lost();
  }

  /** Come alive again when the restarted kernel has made its panel: it has the same id. */
  lookForKernel() {
    clearInterval(this.search);
    const host = this.model.widget_manager;
    this.search = setInterval(async () => {
      if (!host.has_model(MODEL_ID)) return;
      const model = await host.get_model(MODEL_ID);
      if (model.comm_live === false || !this.restarted) return;
      this.unbind();
      this.bind(model);
    }, LOOK_FOR_KERNEL);
  }
}
