// The browser's timers, where a test may put its own.

export const TIMERS = { set: (action, ms) => setTimeout(action, ms), clear: (timer) => clearTimeout(timer) };
