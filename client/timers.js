// The browser's timers, where a test may put its own.

/** @type {{set: (action: () => void, ms: number) => any, clear: (timer: any) => void}} */
export const TIMERS = { set: (action, ms) => setTimeout(action, ms), clear: (timer) => clearTimeout(timer) };
