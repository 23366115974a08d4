// The start screen: language, tables, way to practise, length.

import { fillText, writeDigits } from "./digits.js";
import { all, byId, chip, focusChoice, make } from "./dom.js";
import { LENGTHS, drillsOf, pickedTables } from "./preferences.js";

const USUAL_TABLES = 10;

/** Fills in the language's texts by their keys. */
export function speakLanguage(language) {
  document.documentElement.lang = language.code;
  document.title = language.ui.title;
  for (const node of all("[data-text]")) node.textContent = language.ui[node.dataset.text];
  for (const node of all("[data-label]")) node.setAttribute("aria-label", language.ui[node.dataset.label]);
}

/**
 * The name of a length of LENGTHS.
 * @param {{questions?: number, minutes?: number}} length
 * @param {{ui: Object<string, string>, digits: string}} language
 */
export const lengthLabel = ({ questions, minutes }, { ui, digits }) => {
  if (questions) return fillText(ui.count_questions, { n: questions }, digits);
  return minutes ? fillText(ui.count_minutes, { n: minutes }, digits) : ui.endless;
};

/** Draws the choices. Calls `onChange(choices)` after each change and `onStart()` at the tap. */
export function createStartView(languages, drills, onChange, onStart) {
  const form = byId("choices", HTMLFormElement);
  let choices = null;

  function render(next) {
    choices = next;
    const language = languages.find(({ code }) => code === choices.language);
    speakLanguage(language);
    const digits = (value) => writeDigits(value, language.digits);
    byId("languages").replaceChildren(...languages.map(({ code, name }) =>
      chip("radio", "language", code, name, code === choices.language, code)));
    const tables = language.tables.map((table) =>
      chip("checkbox", "tables", table, digits(table), choices.tables.includes(table)));
    const longer = language.lines.slice(1).map((lines) =>
      chip("checkbox", "lines", lines, fillText(language.ui.lines_to, { n: lines }, language.digits), choices.lines === lines));
    byId("tables").replaceChildren(...tables.slice(0, USUAL_TABLES));
    byId("larger-tables").replaceChildren(...tables.slice(USUAL_TABLES), ...longer);
    // Few children go beyond ten; a chosen table is always visible.
    byId("more-tables").hidden = tables.length <= USUAL_TABLES && longer.length === 0;
    if (choices.tables.some((table) => table > USUAL_TABLES) || choices.lines > USUAL_TABLES) byId("more-tables", HTMLDetailsElement).open = true;
    byId("drills").replaceChildren(...drillsOf(drills, language).map(({ name }) =>
      make("option", { value: name, selected: name === choices.drill }, language.ui[`drill_${name}`])));
    byId("lengths").replaceChildren(...Object.entries(LENGTHS).map(([name, length]) =>
      make("option", { value: name, selected: name === choices.length }, lengthLabel(length, language))));
    // The check and the placement have their own tables and their own end.
    const { fixed } = drills.find(({ name }) => name === choices.drill);
    /** @type {NodeListOf<HTMLFieldSetElement>} */
    const free = form.querySelectorAll("[data-free]");
    for (const part of free) part.disabled = fixed;
  }

  form.addEventListener("change", /** @param {Event & {target: HTMLInputElement}} event */ ({ target }) => {
    const data = new FormData(form);   // disabled fields are missing and keep their values
    const tables = pickedTables(data, target);
    if (target.name === "tables" && tables.length === 0) {   // a drill needs a table: the last one stays on
      target.checked = true;
      return;
    }
    const { tables: tablesBefore, length, lines } = choices;
    onChange({
      ...choices, language: data.get("language"), tables: tables.length > 0 ? tables : tablesBefore, drill: data.get("drill"),
      length: data.get("length") ?? length, lines: tables.length > 0 ? Number(data.get("lines") ?? USUAL_TABLES) : lines,
    });
    focusChoice(form, target);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onStart();
  });
  return { render };
}
