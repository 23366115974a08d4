/** Safari: the purpose of the page's sound. */
interface Navigator {
  audioSession?: { type: "auto" | "play-and-record" };
}
