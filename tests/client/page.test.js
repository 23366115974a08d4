// The page, its scripts and the languages must agree about names; the page must obey its own content policy.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { LOOKS, sheetsOf, soundLooks } from "../../client/appearance.js";
import { ADVICE } from "../../client/check/measure.js";

const CLIENT = new URL("../../client/", import.meta.url);
const LANGUAGES = new URL("../../server/languages/", import.meta.url);
// The kiosk is the drill page with further screens.
const html = ["index.html", "kiosk.html"].map((file) => readFileSync(new URL(file, CLIENT), "utf8")).join("\n");
const waiting = readFileSync(new URL("waiting.html", CLIENT), "utf8");
const scripts = Object.fromEntries([...readdirSync(CLIENT), ...readdirSync(new URL("check/", CLIENT)).map((file) => `check/${file}`)]
  .filter((file) => file.endsWith(".js"))
  .map((file) => [file, readFileSync(new URL(file, CLIENT), "utf8")]));
const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);
const ids = all(html, /\sid="([^"]+)"/g);

/** The keys of one [section] of a language file. */
function keysOf(toml, section) {
  const body = toml.split(`[${section}]`)[1].split(/^\[/m)[0];
  return all(body, /^([a-z_]+)\s*=/gm);
}

test("every id is given once", () => {
  assert.deepEqual(ids.filter((id, i) => ids.indexOf(id) !== i), []);
});

test("every id and symbol that is asked for exists", () => {
  for (const target of all(html, /href="#([^"]+)"/g)) assert.ok(ids.includes(target), target);
  for (const [file, text] of Object.entries(scripts)) {
    for (const id of all(text, /byId\("([^"]+)"/g)) assert.ok(ids.includes(id), `${file}: ${id}`);
    for (const name of all(text, /icon\("([^"]+)"\)/g)) assert.ok(ids.includes(`icon-${name}`), `${file}: ${name}`);
  }
});

test("every import is a file of the page or the one library", () => {
  for (const [file, text] of Object.entries(scripts)) {
    for (const path of all(text, /from "([^"]+)"/g)) {
      const named = new URL(path, new URL(file, CLIENT)).href.replace(CLIENT.href, "");
      assert.ok(path === "../vendor/socket.io.esm.min.js" || scripts[named], `${file}: ${path}`);
    }
  }
});

test("the page's sheets for the looks, with their media queries, are those of the script", () => {
  for (const [name, media] of Object.entries(sheetsOf(soundLooks(null)))) {
    const links = all(html, new RegExp(`<link rel="stylesheet" href="client/${name}.css" media="([^"]+)" data-look="${name}">`, "g"));
    assert.deepEqual(links, [media]);
  }
});

test("nothing inline, nothing from elsewhere: the content policy allows neither", () => {
  for (const page of [html, waiting]) {
    assert.doesNotMatch(page, /\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)/);
    for (const url of all(page, /(?:src|href)="([^"#][^"]*)"/g)) {
      assert.match(url, /^((client|vendor)\/|teacher$|manifest\.webmanifest$)/);
    }
  }
});

test("every text of the page exists in every language", () => {
  const ui = new Set([...all(html + waiting, /data-(?:text|label)="([^"]+)"/g),
    ...all(Object.values(scripts).join("\n"), /\bui\.([a-z_]+)/g),
    ...Object.entries(LOOKS).flatMap(([kind, names]) => names.map((name) => `${kind}_${name}`)),
    ...["quiet", "prompt", "number"].map((step) => `check_say_${step}`), ...ADVICE.map((key) => `check_${key}`), "check_begin", "check_again",
    ...["permission_denied", "no_microphone", "microphone_lost", "microphone_busy", "microphone_muted", "sound_paused", "sound_failed",
      "connection_lost", "insecure_page", "microphone_unsupported", "engine_failed"].map((code) => `check_${code}`),
    ...["heard", "voice", "noise", "echo", "line"].map((figure) => `check_${figure}`),
    ...["known", "learning", "new"].flatMap((status) => [`placed_${status}`, `mark_${status}`]),
    "listening", "speaking", "touch", "thinking", "asleep", "loading", "waiting", "correct", "wrong", "unsure", "silence"]);
  const errors = ["permission_denied", "no_microphone", "microphone_lost", "microphone_muted", "insecure_page",
    "microphone_unsupported", "sound_paused",
    "connection_lost", "sound_failed", "taken_over", "busy", "internal", "bad_learner", "may_not_join", "name_taken", "not_kept", "too_fast",
    "pin_wrong", "too_many_tries"];
  for (const file of readdirSync(LANGUAGES).filter((name) => name.endsWith(".toml"))) {
    const toml = readFileSync(new URL(file, LANGUAGES), "utf8");
    for (const key of ui) assert.ok(keysOf(toml, "ui").includes(key), `${file}: [ui] ${key}`);
    for (const code of errors) assert.ok(keysOf(toml, "errors").includes(code), `${file}: [errors] ${code}`);
  }
});
