/** Safari's: what the page's sound is for. */
interface Navigator {
  audioSession?: { type: "auto" | "play-and-record" };
}
