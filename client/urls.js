// Where Paadas is: at the root of its host, or below a prefix that a proxy gives it.

const ROOT = new URL("../", import.meta.url);

/** The address of what the server has at `path`, such as "/livez". */
export const urlOf = (path) => new URL(path.slice(1), ROOT).href;
