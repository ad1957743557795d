// Keys of a lesson and of a presentation, the pointer, the black screen, and the help that lists the keys.
//
// A key does what a visible link or button does: it clicks it. So the two never differ, and what is not there
// (no next step, no player) has no key. Clickers send PageDown and PageUp, F5, Escape, and b or a full stop.

const OWN = "input, textarea, select, [contenteditable=true], [role=slider], [role=radio], [role=tab], " +
  "[role=combobox], [role=listbox], [role=menu], [role=option], [role=radiogroup], .mlplot-player, .mlplot-listing";
const PRESSED = "button, summary, [role=button], [role=checkbox], [role=switch]";
const FLAG = "mlkeys-letters"; // in the browser: whether letters are keys

class Keys {
  constructor() {
    this.heard = (event) => this.press(event);
    this.moved = ({ clientX, clientY }) => this.point(clientX, clientY);
    document.addEventListener("keydown", this.heard);
    document.addEventListener("pointermove", this.moved);
  }

  set(data) {
    this.data = data;
    document.documentElement.classList.toggle("mlkeys-hall", data.present);
    if (!data.present) this.dim(false);
    if (!data.present) this.shine(false);
  }

  press(event) {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    if (event.defaultPrevented || altKey || ctrlKey || metaKey) return;
    if ((!this.help && target.closest?.(OWN)) || (key === " " && target.closest?.(PRESSED))) return;
    const act = this.action(key);
    if (!act) return;
    event.preventDefault();
    act();
  }

  action(key) { // what a key does here and now, or nothing
    if (this.help) return key === "Escape" || key === "?" ? () => this.explain(false) : null;
    const { present, lesson } = this.data, letters = localStorage.getItem(FLAG) !== "off";
    if (this.black && /^(b|B|\.|Escape| |Page(Up|Down)|Arrow(Left|Right))$/.test(key)) return () => this.dim(false);
    const back = () => this.click(".st-key-lesson_back a"), next = () => this.click(".st-key-lesson_next a");
    const player = document.querySelector("[data-testid=stMain] .mlplot-play, [data-testid=stMain] .mlplot-pause");
    const always = lesson ? { ArrowRight: next, ArrowLeft: back } : {};
    const hall = !present ? {} : {
      Escape: () => document.fullscreenElement ? document.exitFullscreen() : this.click(".st-key-present button"),
      F5: () => this.full(),
      ...(lesson ? { PageDown: next, PageUp: back } : {}),
      ...(player ? { " ": () => player.click() } : lesson ? { " ": next } : {}),
    };
    const typed = !letters ? {} : {
      p: () => this.click(".st-key-present button"),
      "?": () => this.explain(true),
      ...(player && (present || lesson) ? { k: () => player.click() } : {}),
      ...(present ? { f: () => this.full(), b: () => this.dim(true), ".": () => this.dim(true),
        l: () => this.shine(!this.dot), s: () => this.side() } : {}),
    };
    return always[key] ?? hall[key] ?? typed[key.length === 1 ? key.toLowerCase() : key];
  }

  click(selector) { document.querySelector(selector)?.click(); }

  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  }

  side() { // the settings, when somebody asks for them
    const shown = document.documentElement.classList.toggle("mlkeys-side");
    const closed = document.querySelector("[data-testid=stSidebar][aria-expanded=false]");
    if (shown && closed) this.click("[data-testid=stExpandSidebarButton]");
  }

  dim(on) {
    this.black?.remove();
    this.black = on ? this.node("mlkeys-black") : null;
  }

  shine(on) {
    this.dot?.remove();
    this.dot = on ? this.node("mlkeys-dot") : null;
    document.documentElement.classList.toggle("mlkeys-pointing", on);
    if (on) this.point(this.x ?? innerWidth / 2, this.y ?? innerHeight / 2);
  }

  point(x, y) {
    Object.assign(this, { x, y });
    if (this.dot) this.dot.style.transform = `translate(${x}px, ${y}px)`;
  }

  explain(on) { // a list of the keys that do something here; and a switch for letters
    this.help?.remove();
    this.help = null;
    if (!on) return this.before?.focus?.();
    this.before = document.activeElement;
    const { title, rows, letters, close } = this.data.help;
    const dialog = this.help = this.node("mlkeys-help");
    Object.assign(dialog, { role: "dialog", ariaModal: "true", ariaLabel: title });
    this.node("", "h2", dialog).textContent = title;
    const list = this.node("", "dl", dialog);
    for (const [key, does] of rows) {
      this.node("", "dt", list).textContent = key;
      this.node("", "dd", list).textContent = does;
    }
    const label = this.node("", "label", dialog), box = this.node("", "input", label);
    Object.assign(box, { type: "checkbox", checked: localStorage.getItem(FLAG) !== "off" });
    box.onchange = () => localStorage.setItem(FLAG, box.checked ? "on" : "off");
    label.append(` ${letters}`);
    const button = this.node("", "button", dialog);
    Object.assign(button, { type: "button", textContent: close, onclick: () => this.explain(false) });
    button.focus();
  }

  node(className, tag = "div", parent = document.body) {
    const made = Object.assign(document.createElement(tag), { className });
    parent.append(made);
    return made;
  }

  close() {
    document.removeEventListener("keydown", this.heard);
    document.removeEventListener("pointermove", this.moved);
    document.documentElement.classList.remove("mlkeys-hall", "mlkeys-side", "mlkeys-pointing");
    for (const shown of [this.black, this.dot, this.help]) shown?.remove();
  }
}

let keys = null, calls = 0; // one for the page, however often Streamlit mounts it anew

export default function ({ data }) {
  const call = ++calls;
  (keys ??= new Keys()).set(data);
  return () => { // the last one that leaves closes; where another came before that, it goes on
    if (call !== calls) return;
    setTimeout(() => {
      if (call !== calls) return;
      keys?.close();
      keys = null;
    }, 500);
  };
}
