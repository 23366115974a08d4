// Small helpers that change the page only if a value has changed.

/**
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} id
 * @param {new () => E} [kind]   what it must be
 * @returns {E}
 */
export function byId(id, kind) {
  const node = document.getElementById(id);
  if (kind && !(node instanceof kind)) throw new TypeError(`#${id} is no ${kind.name}`);
  return /** @type {E} */ (node);
}

/**
 * All elements that the selector means.
 * @param {string} selector
 * @param {ParentNode} [inside]
 * @returns {NodeListOf<HTMLElement>}
 */
export const all = (selector, inside = document) => inside.querySelectorAll(selector);

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setData(node, name, value) {
  if (node.dataset[name] !== value) node.dataset[name] = value;
}

/** An element with properties and children: make("li", { className: "fact" }, "7 × 8") */
export function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** A choice to tap: `type` is radio or checkbox, `lang` the language of a label that is not in the page's. */
export function chip(type, name, value, label, checked, lang) {
  const input = make("input", { type, name, value, checked });
  return make("label", { className: "chip", ...(lang && { lang }) }, input, make("span", {}, label));
}

/** Puts the focus back on the choice that was just made: redrawing has lost it. */
export function focusChoice(inside, { name, value }) {
  [...inside.querySelectorAll("input")].find((input) => input.name === name && input.value === value)?.focus();
}

export function icon(name, className = "icon") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}
