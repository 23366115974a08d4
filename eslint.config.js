import js from "@eslint/js";
import globals from "globals";

const WORKER = "client/service-worker.js";
const WORKLET = "client/capture-worklet.js";

export default [
  { ignores: [".venv/", "build/"] },
  js.configs.recommended,
  { rules: { "no-unused-vars": ["error", { ignoreRestSiblings: true }] } },
  { files: ["client/**/*.js", "tests/e2e/*.js"], ignores: [WORKER, WORKLET], languageOptions: { globals: globals.browser } },
  { files: [WORKER], languageOptions: { sourceType: "script", globals: globals.serviceworker } },
  { files: [WORKLET], languageOptions: { globals: globals.audioWorklet } },
  { files: ["tests/client/**/*.js"], languageOptions: { globals: globals.node } },
];
