// Two drills on one device would hear each other's prompts: of several tabs, the one that began last has the ear.

/** `onTaken`: another tab of this browser begins a drill now. */
export function createTabs(onTaken, channel = newChannel()) {
  if (channel) channel.onmessage = onTaken;
  return { take: () => channel?.postMessage("taken") };
}

function newChannel() {
  return typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("paadas.drill");
}
