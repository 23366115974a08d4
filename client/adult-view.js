// The adult's way out of a kiosk: the PIN or the passphrase, then the set-up.

import { fillText, writeDigits } from "./digits.js";
import { byId, chip, focusChoice, icon, make } from "./dom.js";
import { kioskDrills } from "./kiosk-state.js";
import { LENGTHS, pickedTables } from "./preferences.js";
import { lengthLabel } from "./start-view.js";
import { urlOf } from "./urls.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "back"];
const LONGEST_PIN = 8;

async function ask(path, options) {
  try {
    const answer = await fetch(urlOf(path), options);
    return { ok: answer.ok, ...await answer.json() };
  } catch {
    return { ok: false, code: "connection_lost" };
  }
}

/** `onSetup(setup)` after each choice, `onClosed()` when the adult is done, `onLeave()` to leave the kiosk. */
export function createAdultView({ onSetup, onClosed, onLeave }) {
  const dialog = byId("adult-dialog", HTMLDialogElement);
  const door = byId("adult-door");
  const form = byId("adult-setup", HTMLFormElement);
  const secret = byId("adult-secret", HTMLInputElement);
  let language = null;
  let languages = [];
  let drills = [];
  let classes = [];
  let setup = null;

  async function open(given) {
    ({ language, languages, drills, classes, setup } = given);
    show(door);
    dialog.showModal();
    const { ok, pin } = await ask("/kiosk.json");
    byId("adult-asks").textContent = language.ui[ok && !pin ? "kiosk_passphrase" : "kiosk_pin"];
    byId("adult-keys").hidden = ok && !pin;
    secret.inputMode = ok && !pin ? "text" : "none";   // the keys below are the keyboard
    byId("adult-keys").replaceChildren(...KEYS.map(key));
    if (!ok) complain("connection_lost");
  }

  function key(name) {
    const label = { clear: language.ui.clear, back: language.ui.back }[name] ?? writeDigits(name, language.digits);
    const face = { clear: "×", back: icon("back") }[name] ?? label;
    const button = make("button", { type: "button", className: "key", onclick: () => {
      secret.value = name === "clear" ? "" : name === "back" ? secret.value.slice(0, -1) : (secret.value + name).slice(0, LONGEST_PIN);
    } }, face);
    button.setAttribute("aria-label", label);
    return button;
  }

  function show(part) {
    complain(null);
    secret.value = "";
    for (const each of [door, form]) each.hidden = each !== part;
    dialog.scrollTop = 0;
  }

  function complain(code, values = {}) {
    byId("adult-trouble").hidden = code === null;
    byId("adult-trouble").textContent = code && fillText(language.errors[code] ?? language.errors.internal, values, language.digits);
  }

  /** The choices, in the language that was just chosen. */
  function render(next, nextLanguage) {
    [setup, language] = [next, nextLanguage];
    const options = (id, some, chosen) => byId(id).replaceChildren(...some.map(([value, label]) =>
      make("option", { value, selected: value === chosen }, label)));
    byId("kiosk-languages").replaceChildren(...languages.map(({ code, name }) =>
      chip("radio", "language", code, name, code === setup.language, code)));
    byId("kiosk-tables").replaceChildren(...language.tables.map((table) =>
      chip("checkbox", "tables", table, writeDigits(table, language.digits), setup.tables.includes(table))));
    options("kiosk-drills", kioskDrills(drills, language).map(({ name }) => [name, language.ui[`drill_${name}`]]), setup.drill);
    options("kiosk-lengths", Object.keys(LENGTHS).filter((name) => name !== "endless").map((name) =>
      [name, lengthLabel(LENGTHS[name], language)]), setup.length);
    options("kiosk-classes", [["", language.ui.everybody], ...classes.map((name) => [name, name])], setup.className ?? "");
    /** @type {HTMLInputElement} */ (form.elements.namedItem("calls")).checked = setup.calls;
  }

  door.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { ok, code, minutes } = await ask("/kiosk/release", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ secret: secret.value }),
    });
    if (!dialog.open) return;   // meanwhile the pictures came back
    secret.value = "";
    if (!ok) return complain(code, { minutes });
    show(form);
    render(setup, language);
  });
  form.addEventListener("change", /** @param {Event & {target: HTMLInputElement}} event */ ({ target }) => {
    const data = new FormData(form);
    const tables = pickedTables(data, target);
    onSetup({
      language: data.get("language"), tables: tables.length > 0 ? tables : setup.tables, drill: data.get("drill"), length: data.get("length"),
      className: data.get("className") || null, calls: data.has("calls"),
    });
    focusChoice(form, target);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    show(door);
    onClosed();
  });
  byId("kiosk-leave").addEventListener("click", onLeave);
  return { open, render, close: () => dialog.close() };
}
