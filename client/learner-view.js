// The learners' tiles, in a dialog over the start screen.

import { byId, chip, focusChoice, make } from "./dom.js";
import { NOBODY, canChoose, classesOf, ofClass } from "./learners.js";
import { urlOf } from "./urls.js";

/** A button for each learner, and before them one for a guest; `choose(learner or null)`. */
export function tilesOf(learners, { ui }, choose) {
  const tile = (who, src, name) => make("button", { type: "button", className: "tile", onclick: () => choose(who) },
    make("img", { className: "face", src, alt: "" }), make("span", {}, name));
  return [tile(null, urlOf("/client/companion.svg"), ui.guest),
    ...learners.map((learner) => tile(learner, pictureOf(learner.picture), learner.nickname))];
}

const pictureOf = (name) => urlOf(`/client/pictures/${name}.svg`);
const picture = (name) => make("img", { className: "face", src: pictureOf(name), alt: "" });

/**
 * `load()` fetches the list, `join(wish)` adds a learner, `onChosen(learner or null)` gets the choice.
 */
export function createLearnerView({ load, join, onChosen }) {
  const dialog = byId("learners", HTMLDialogElement);
  const form = byId("join", HTMLFormElement);
  let list = NOBODY;
  let language = null;
  let className = null;

  /** Shows the chosen learner on the start screen. */
  function render(nextList, chosen, nextLanguage) {
    list = nextList;
    language = nextLanguage;
    byId("who").hidden = !canChoose(list);
    byId("who").replaceChildren(
      ...(chosen ? [picture(chosen.picture)] : []), make("span", {}, chosen?.nickname ?? language.ui.guest));
    byId("who").setAttribute("aria-label", `${language.ui.who} ${chosen?.nickname ?? language.ui.guest}`);
  }

  async function open() {
    const fresh = await load();
    if (fresh !== NOBODY) list = fresh;
    if (byId("start").hidden) return;   // the drill has begun meanwhile
    drawTiles();
    if (!dialog.open) dialog.showModal();
  }

  function drawTiles() {
    const classes = classesOf(list.learners);
    if (!classes.includes(className)) className = null;
    showForm(false);
    byId("classes").replaceChildren(...(classes.length > 0 ? [null, ...classes] : []).map(
      (name) => chip("radio", "class", name ?? "", name ?? language.ui.everybody, name === className)));
    byId("faces").replaceChildren(...tilesOf(ofClass(list.learners, className), language, choose));
  }

  function showForm(shown) {
    form.hidden = !shown;
    byId("tiles").hidden = shown;
    byId("new-learner").hidden = shown || !list.may_join;
    byId("join-trouble").hidden = true;
    if (!shown) return;
    byId("pictures").replaceChildren(...Object.entries(language.pictures).map(([name, label], i) => make(
      "label", { className: "tile" }, make("input", { type: "radio", name: "picture", value: name, checked: i === 0 }),
      picture(name), make("span", {}, label))));
    const nickname = /** @type {HTMLInputElement} */ (form.elements.namedItem("nickname"));
    nickname.value = "";
    nickname.focus();
  }

  function choose(learner) {
    dialog.close();
    onChosen(learner, list);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const { learner, code } = await join({
      nickname: data.get("nickname"), picture: data.get("picture"), language: language.code,
    });
    if (learner) {
      list = { ...list, learners: [...list.learners, learner] };
      return choose(learner);
    }
    byId("join-trouble").hidden = false;
    byId("join-trouble").textContent = language.errors[code] ?? language.errors.internal;
  });
  byId("classes").addEventListener("change", /** @param {Event & {target: HTMLInputElement}} event */ ({ target }) => {
    className = target.value || null;
    drawTiles();
    focusChoice(dialog, target);
  });
  byId("who").addEventListener("click", open);
  byId("new-learner").addEventListener("click", () => showForm(true));
  byId("learners-back").addEventListener("click", () => (form.hidden ? dialog.close() : drawTiles()));
  return { render };
}
