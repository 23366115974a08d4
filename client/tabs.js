// Two drills on one device would hear each other's prompts: of several tabs, the last to start has the microphone.

/** `onTaken`: called when another tab of this browser starts a drill. */
export function createTabs(onTaken, channel = newChannel()) {
  if (channel) channel.onmessage = onTaken;
  return { take: () => channel?.postMessage("taken") };
}

function newChannel() {
  return typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("paadas.drill");
}
