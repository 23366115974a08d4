// The settings dialog: choices that apply at once, on this device only.

import { LOOKS } from "./appearance.js";
import { byId, chip, focusChoice } from "./dom.js";

/** `onChange(settings)` and `onVoice(id)` after each choice. */
export function createSettingsView(onChange, onVoice) {
  const dialog = byId("settings", HTMLDialogElement);
  let settings = null;

  /** `voice`: the id of the chosen voice, undefined for the default. */
  function render(nextSettings, { ui, voices }, voice) {
    settings = nextSettings;
    draw("voice", voices.map(({ id, name }) => [id, name]), voice ?? voices[0].id);
    byId("voices").hidden = voices.length < 2;
    for (const [kind, names] of Object.entries(LOOKS)) {
      draw(kind, names.map((name) => [name, ui[`${kind}_${name}`]]), settings[kind]);
    }
  }

  function draw(kind, options, chosen) {
    dialog.querySelector(`[data-choice="${kind}"]`).replaceChildren(...options.map(([value, label]) =>
      chip("radio", kind, value, label, value === chosen)));
  }

  dialog.addEventListener("change", /** @param {Event & {target: HTMLInputElement}} event */ ({ target }) => {
    const { name, value } = target;
    if (name === "voice") onVoice(value);
    else onChange({ ...settings, [name]: value });
    focusChoice(dialog, target);
  });
  byId("open-settings").addEventListener("click", () => dialog.showModal());
  return { render };
}
