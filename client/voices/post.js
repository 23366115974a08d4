// The booth's requests to the server. A failure becomes a trouble to show: {key} or {message}.

/**
 * Resolves to {clip} or {trouble}. `sound`: a WAV file, null to delete.
 * @param {(url: string, options?: Object) => Promise<any>} [fetching]
 */
export async function postClip(url, token, sound, fetching = fetch) {
  const form = new FormData();
  if (sound) form.append("sound", sound, "sound.wav");
  try {
    const answer = await fetching(url, { method: "POST", body: form, headers: { "X-CSRFToken": token } });
    if (answer.redirected) return { trouble: { key: "voice_logged_out" } };
    const isJson = answer.headers.get("content-type")?.startsWith("application/json");
    // A page instead of JSON: the form's token is of an older session.
    if (!isJson) return { trouble: { key: answer.status < 500 ? "voice_logged_out" : "voice_offline" } };
    const body = await answer.json();
    return answer.ok ? { clip: body } : { trouble: { message: body.message } };
  } catch {
    return { trouble: { key: "voice_offline" } };
  }
}
