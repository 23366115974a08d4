// The browser's timers; tests may replace them.

/** @type {{set: (action: () => void, ms: number) => any, clear: (timer: any) => void}} */
export const TIMERS = { set: (action, ms) => setTimeout(action, ms), clear: (timer) => clearTimeout(timer) };
