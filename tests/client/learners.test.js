import assert from "node:assert/strict";
import test from "node:test";
import { canChoose, classesOf, findLearner, joinLearners, loadLearners, ofClass } from "../../client/learners.js";
import { urlOf } from "../../client/urls.js";

const ASHA = { id: 1, nickname: "आशा", picture: "peacock", class: "3 B" };
const MINA = { id: 2, nickname: "Mina", picture: "kite", class: null };
const ZOYA = { id: 3, nickname: "Zoya", picture: "boat", class: "4 A" };
const answer = (ok, content) => async () => ({ ok, json: async () => content });

test("the list comes from the server", async () => {
  const list = { learners: [ASHA], may_join: true };
  assert.deepEqual(await loadLearners(answer(true, list)), list);
});

test("without a list everybody is a guest", async () => {
  const nobody = { learners: [], may_join: false };
  assert.deepEqual(await loadLearners(answer(false, {})), nobody);
  assert.deepEqual(await loadLearners(async () => { throw new TypeError("offline"); }), nobody);
  assert.equal(canChoose(nobody), false);
});

test("there is a choice if there are learners, or children may join", () => {
  assert.equal(canChoose({ learners: [], may_join: true }), true);
  assert.equal(canChoose({ learners: [MINA], may_join: false }), true);
});

test("a tab remembers its learner, unless that is deleted", () => {
  assert.equal(findLearner([ASHA, MINA], 2), MINA);
  assert.equal(findLearner([ASHA], 2), null);
  assert.equal(findLearner([ASHA], null), null);
});

test("classes are offered only if there is more than one", () => {
  assert.deepEqual(classesOf([ASHA]), []);
  assert.deepEqual(classesOf([MINA]), []);
  assert.deepEqual(classesOf([ASHA, MINA]), ["3 B"]);
  assert.deepEqual(classesOf([ZOYA, ASHA, MINA, ASHA]), ["3 B", "4 A"]);
});

test("a class shows its own children, everybody shows all", () => {
  assert.deepEqual(ofClass([ASHA, MINA, ZOYA], "4 A"), [ZOYA]);
  assert.deepEqual(ofClass([ASHA, MINA], null), [ASHA, MINA]);
});

test("a new learner is sent as JSON, and a refusal says why", async () => {
  let sent = null;
  const send = async (url, options) => {
    sent = { url, ...options };
    return { ok: true, json: async () => MINA };
  };
  assert.deepEqual(await joinLearners({ nickname: "Mina" }, send), { learner: MINA });
  assert.equal(sent.url, urlOf("/learners.json"));
  assert.equal(sent.headers["Content-Type"], "application/json");
  assert.deepEqual(JSON.parse(sent.body), { nickname: "Mina" });
  assert.deepEqual(await joinLearners({}, answer(false, { code: "may_not_join" })), { code: "may_not_join" });
  assert.deepEqual(await joinLearners({}, async () => { throw new TypeError("offline"); }), { code: "internal" });
});
