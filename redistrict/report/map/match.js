/* Names as people type them: letters, pinyin, initials and any mixture of these, from the beginning or inside. */
"use strict";

/* How a part of what was typed stands for a character; the larger one counts. */
const AS = { letter: 0, syllable: 1, begun: 2, initial: 3, otherReading: 4 };

/* Spaces, hyphens and other marks, case and width do not count. */
const plainText = (text) => text.replace(/ü/gi, "v").normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "").toLowerCase();

/* The ways to type a character, [text, way], where `first` is how it is read in its name. */
function waysToType(char, first, usual) {
  const initials = /^[zcs]h/.test(first) ? [first[0], first.slice(0, 2)] : [first[0]];
  return [[char, AS.letter], [first, AS.syllable], ...initials.map((text) => [text, AS.initial]),
    ...usual.filter((text) => text !== first).map((text) => [text, AS.otherReading])];
}

/* Gives the function that spells a name: its characters, each with the ways to type it. */
function makeSpeller({ readings, names }) {
  const known = new Map();
  const spellIn = (special) => (char) => {
    const usual = readings[char]?.split(" ") ?? [];
    const first = special?.[char] ?? usual[0] ?? char;
    const key = `${char} ${first}`;
    if (!known.has(key)) known.set(key, waysToType(char, first, usual));
    return known.get(key);
  };
  return (name) => [...plainText(name)].map(spellIn(names[name]));
}

/* Less is better: the whole name, its beginning, initials from the beginning, inside it, unusual readings. */
function rankOf(way, isStart, isEnd) {
  if (way === AS.otherReading) return 40;
  if (!isStart) return 30 + way;
  if (way === AS.initial) return 20;
  return way < AS.begun && isEnd ? way : 10 + way;
}

/* The rank of `wanted` as typed from one character of a name on; Infinity where it is something else. */
function rankFrom(spelled, start, wanted) {
  let typed = new Map([[0, AS.letter]]); // how much of it stands for the characters so far -> in which way
  for (let i = start; i < spelled.length && typed.size; i += 1) {
    const further = new Map();
    for (const [n, before] of typed) {
      for (const [text, way] of spelled[i]) {
        const isBegun = text.length > wanted.length - n;
        if (!wanted.startsWith(isBegun ? text.slice(0, wanted.length - n) : text, n)) continue;
        const worst = Math.max(before, way, isBegun ? AS.begun : way);
        const end = Math.min(wanted.length, n + text.length);
        further.set(end, Math.min(worst, further.get(end) ?? worst));
      }
    }
    if (further.has(wanted.length)) return rankOf(further.get(wanted.length), start === 0, i === spelled.length - 1);
    typed = further;
  }
  return Infinity;
}

const rankIn = (spelled, wanted) => Math.min(...spelled.map((ways, start) =>
  (ways.some(([text]) => text[0] === wanted[0]) ? rankFrom(spelled, start, wanted) : Infinity)));

/* Entries with all that each may be called in `spelled`: those that are meant, the best first, else in their order. */
function findEntries(entries, text) {
  const pick = (rank) => entries.map((entry, n) => [rank(entry), n]).filter(([value]) => value < Infinity)
    .sort(([one, n], [other, m]) => one - other || n - m).map(([, n]) => entries[n]);
  const rankAs = (wanted) => ({ spelled }) => Math.min(...spelled.map((one) => rankIn(one, wanted)));
  const parts = text.split(/\s+/).map(plainText).filter(Boolean);
  if (!parts.length) return [];
  const found = pick(rankAs(parts.join("")));
  if (found.length || parts.length < 2) return found;
  return pick((entry) => Math.max(...parts.map((part) => rankAs(part)(entry)))); // parts of one name
}
