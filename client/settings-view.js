// What is not asked at every start: a dialog of choices that hold at once, and on this device.

import { LOOKS } from "./appearance.js";
import { byId, make } from "./dom.js";

/** `onChange(settings)` and `onVoice(id)` after each choice. */
export function createSettingsView(onChange, onVoice) {
  const dialog = byId("settings");
  let settings = null;

  /** `voice`: the id of the chosen one, undefined for the usual one. */
  function render(nextSettings, { ui, voices }, voice) {
    settings = nextSettings;
    draw("voice", voices.map(({ id, name }) => [id, name]), voice ?? voices[0].id);
    byId("voices").hidden = voices.length < 2;
    for (const [kind, names] of Object.entries(LOOKS)) {
      draw(kind, names.map((name) => [name, ui[`${kind}_${name}`]]), settings[kind]);
    }
  }

  function draw(kind, options, chosen) {
    dialog.querySelector(`[data-choice="${kind}"]`).replaceChildren(...options.map(([value, label]) => {
      const input = make("input", { type: "radio", name: kind, value, checked: value === chosen });
      return make("label", { className: "chip" }, input, make("span", {}, label));
    }));
  }

  dialog.addEventListener("change", ({ target: { name, value } }) => {
    if (name === "voice") onVoice(value);
    else onChange({ ...settings, [name]: value });
    dialog.querySelector(`input[name="${name}"][value="${value}"]`).focus();   // drawing anew lost the keyboard's place
  });
  byId("open-settings").addEventListener("click", () => dialog.showModal());
  return { render };
}
