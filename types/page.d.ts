/** Safari: the purpose of the page's sound. */
interface Navigator {
  audioSession?: { type: "auto" | "play-and-record" };
}

/** The server has it beside the page's own scripts. */
declare module "*/vendor/socket.io.esm.min.js" {
  export { io } from "socket.io-client";
}
