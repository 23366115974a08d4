// Numbers in the digits that a child reads: 56 or ५६.

const DEVANAGARI_ZERO = 0x0966;

/** @param {number|string} value @param {"latn"|"deva"} script */
export function writeDigits(value, script) {
  const text = String(value);
  if (script !== "deva") return text;
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(DEVANAGARI_ZERO + Number(digit)));
}

/** "०" to "९" and "0" to "9" as "0" to "9"; null for any other character. */
export function readDigit(key) {
  if (/^[0-9]$/.test(key)) return key;
  if (/^[०-९]$/.test(key)) return String(key.charCodeAt(0) - DEVANAGARI_ZERO);
  return null;
}

/** Puts values into "{name}" places; numbers take the script's digits. */
export function fillText(template, values, script) {
  return template.replace(/\{(\w+)\}/g, (place, name) => {
    if (values[name] === undefined) return place;
    return typeof values[name] === "number" ? writeDigits(values[name], script) : values[name];
  });
}
