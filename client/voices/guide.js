// The order for recording prompts: those that a child hears most come first.

const ORDER = ["praise", "question", "phrase", "fact", "number", "later"];

/** The parts of larger tables: "left-17", "asked-3", "right-3", and numbers above a hundred. */
const LARGEST_WHOLE_TABLE = 10;

function groupOf(id, tables) {
  const [kind, first] = id.split("-");
  const hasLarge = tables.some((table) => table > LARGEST_WHOLE_TABLE);
  switch (kind) {
    case "praise": return "praise";
    case "question": case "fact": return tables.includes(Number(first)) ? kind : "later";
    case "left": return tables.includes(Number(first)) ? "question" : "later";
    case "asked": case "right": return hasLarge ? "question" : "later";
    case "number": return hasLarge || Number(first) <= 100 ? "number" : "later";
    default: return "phrase";
  }
}

/** "fact-2-10" after "fact-2-9". */
const byNumbers = new Intl.Collator("en", { numeric: true });

/**
 * @param {{id: string, url?: string|null}[]} clips @param {number[]} tables  those that are practised here
 * @returns the clips, each with its `group`, in the order of the groups
 */
export function arrange(clips, tables) {
  const grouped = clips.map((clip) => ({ ...clip, group: groupOf(clip.id, tables) }));
  return grouped.sort((one, other) =>
    ORDER.indexOf(one.group) - ORDER.indexOf(other.group) || byNumbers.compare(one.id, other.id));
}

/** The groups, each with its number of recorded prompts and of all prompts. */
export function tally(prompts) {
  return ORDER.map((group) => {
    const members = prompts.filter((prompt) => prompt.group === group);
    return { group, all: members.length, recorded: members.filter(({ url }) => url !== null).length };
  }).filter(({ all }) => all > 0);
}
