// What is not asked at every start: a dialog of choices that hold at once, and on this device.

import { LOOKS } from "./appearance.js";
import { byId, make } from "./dom.js";

/** `onChange(settings)` after each choice. */
export function createSettingsView(onChange) {
  const dialog = byId("settings");
  let settings = null;

  function render(nextSettings, { ui }) {
    settings = nextSettings;
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
    onChange({ ...settings, [name]: value });
    dialog.querySelector(`input[name="${name}"][value="${value}"]`).focus();   // drawing anew lost the keyboard's place
  });
  byId("open-settings").addEventListener("click", () => dialog.showModal());
  return { render };
}
