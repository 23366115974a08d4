// The start screen: language, tables, number of questions.

import { writeDigits } from "./digits.js";
import { byId, make } from "./dom.js";
import { QUESTION_COUNTS } from "./preferences.js";

function chip(type, name, value, label, checked, lang) {
  const input = make("input", { type, name, value, checked });
  return make("label", { className: "chip", lang: lang ?? "" }, input, make("span", {}, label));
}

/** Puts the language's words wherever the page asks for them by key. */
export function speakLanguage(language) {
  document.documentElement.lang = language.code;
  document.title = language.ui.title;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = language.ui[node.dataset.text];
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", language.ui[node.dataset.label]);
}

/** Draws the choices; `onChange(choices)` after each change, `onStart()` at the tap. */
export function createStartView(languages, onChange, onStart) {
  const form = byId("choices");
  let choices = null;

  function render(next) {
    choices = next;
    const language = languages.find(({ code }) => code === choices.language);
    speakLanguage(language);
    const digits = (value) => writeDigits(value, language.digits);
    byId("languages").replaceChildren(...languages.map(({ code, name }) =>
      chip("radio", "language", code, name, code === choices.language, code)));
    byId("tables").replaceChildren(...language.tables.map((table) =>
      chip("checkbox", "tables", table, digits(table), choices.tables.includes(table))));
    byId("questions").replaceChildren(...QUESTION_COUNTS.map((count) =>
      chip("radio", "questions", count ?? "", count === null ? language.ui.endless : digits(count), count === choices.questions)));
  }

  form.addEventListener("change", ({ target }) => {
    const data = new FormData(form);
    const tables = data.getAll("tables").map(Number);
    if (tables.length === 0) {   // a drill needs a table: the last one stays on
      target.checked = true;
      return;
    }
    const questions = data.get("questions") === "" ? null : Number(data.get("questions"));
    const { name, value } = target;
    onChange({ language: data.get("language"), tables, questions });
    form.querySelector(`input[name="${name}"][value="${value}"]`)?.focus();   // drawing anew lost the keyboard's place
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onStart();
  });
  return { render };
}
