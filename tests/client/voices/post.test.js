import assert from "node:assert/strict";
import test from "node:test";
import { postClip } from "../../../client/voices/post.js";

const JSON_TYPE = "application/json";
function answering(status, body, { type = JSON_TYPE, redirected = false } = {}) {
  return async () => ({ status, ok: status < 400, redirected, headers: new Headers({ "content-type": type }), json: async () => body });
}

test("the token and the sound are sent, the clip comes back", async () => {
  let sent = null;
  const answer = await postClip("/to", "secret", new Blob(["RIFF"]), async (url, request) => {
    sent = { url, ...request };
    return answering(200, { id: "praise-1" })();
  });
  assert.deepEqual(answer, { clip: { id: "praise-1" } });
  assert.equal(sent.headers["X-CSRFToken"], "secret");
  assert.equal(await sent.body.get("sound").text(), "RIFF");
});

test("every failure is something that can be told", async () => {
  const key = (name) => ({ trouble: { key: name } });
  const post = (fetching) => postClip("/to", "secret", null, fetching);
  assert.deepEqual(await post(answering(400, { message: "the disk is full" })), { trouble: { message: "the disk is full" } });
  assert.deepEqual(await post(answering(200, null, { redirected: true })), key("voice_logged_out"));
  assert.deepEqual(await post(answering(400, null, { type: "text/html" })), key("voice_logged_out"));
  assert.deepEqual(await post(answering(502, null, { type: "text/html" })), key("voice_offline"));
  assert.deepEqual(await post(async () => { throw new TypeError("no line"); }), key("voice_offline"));
});
