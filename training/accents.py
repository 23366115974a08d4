"""Pronunciation variants: every speaker differs a little from the dictionary. Pure."""

import re

import numpy as np

# Changes that Indian speakers of English make to its sounds (Gargesh, "Indian English: phonology", 2008).
INDIAN_ENGLISH = [
    ("T", "t"),
    ("t", "ʈ"),
    ("θ", "tʰ"),
    ("ð", "d"),
    ("w", "ʋ"),
    ("A", "eː"),
    ("O", "oː"),
    ("ɜː", "əɾ"),
    ("ɹ", "ɾ"),
]
# Changes that speakers of other languages make (Swan and Smith, "Learner English", 2001): French, German, Spanish,
# Italian and Slavic, mixed at random. Without them, people with such accents were heard worst.
LEARNERS_ENGLISH = [
    ("θ", ("s", "t", "f")),
    ("ð", ("z", "d")),
    ("ɹ", ("ʁ", "r", "ɾ")),
    ("w", ("v", "ʋ")),
    ("ʌ", ("a", "ɑ")),
    ("ɪ", ("i", "i")),
    ("æ", ("ɛ", "a")),
    ("O", ("o", "ɔ")),
    ("A", ("e", "ɛ")),
    ("ɜː", ("œ", "ɛɾ")),
    ("T", ("t", "d")),
    ("iː", ("i", "ɪ")),
    ("uː", ("u", "ʊ")),
    ("h", ("", "χ")),
    ("ʧ", ("ʃ", "ts")),
    ("v", ("f", "b")),
]
_ACCENTED_SHARE = 0.7
_LEARNT_SHARE = 0.45

# Pattern, replacement, probability; the first match that is drawn counts.
MARATHI = [
    (r"ʦ(?!ʰ)", "ʧ", 0.25),
    (r"ʧ(?=[əʌ])", "ʦ", 0.3),
    (r"ɭ", "ɽ", 0.4),
    (r"ʈʰʈʰ", "ʈʰ", 0.3),
    (r"ʈʈʰ", "ʈʰ", 0.3),
    (r"(nn|ʂʈ|ʂʈʰ|ʈʰ)$", r"\1ə", 0.12),
    (r"ʂʈʰ?$", "ʈʰ", 0.1),
    (r"əɪ", "ɛː", 0.15),
    (r"kk", "k", 0.25),
    (r"ʋʋ", "ʋ", 0.3),
    (r"nn$", "n", 0.3),
    (r"ɳɳ", "ɳ", 0.3),
    (r"ɳɳ", "nn", 0.15),
    (r"tt", "t", 0.2),
    (r"ɾj", "ɾ", 0.15),
]
HINDI = [
    (r"əh$", "ə", 0.3),
    (r"əh$", "aː", 0.3),
    (r"əɦ$", "aː", 0.3),
    (r"ʈʈʰ", "ʈʰ", 0.3),
    (r"ʈʰʈʰ", "ʈʰ", 0.3),
    (r"ɽ", "ɾ", 0.15),
    (r"kk", "k", 0.2),
    (r"tt", "t", 0.2),
    (r"ɔː", "oː", 0.2),
    (r"ɛː", "eː", 0.15),
    ("(.)\u0303ː?(?=[tʈsk])", r"\1n", 0.2),
    ("\u0303", "", 0.1),
    (r"bb", "b", 0.25),
    (r"ʈʰ$", "ʈ", 0.15),
]
BOTH = [(r"ʋ", "v", 0.2), (r"ə(?=[nstpb])", "ʌ", 0.2), (r"ʂ", "ʃ", 0.3), (r"ː$", "", 0.08)]
_VOWEL = re.compile("[aeiouəɪʊɛɔʌ]")


def accented(phonemes: str, language: str, accent: str, rng: np.random.Generator) -> str:
    """Return `phonemes` (Kokoro's symbols) as one speaker says them. `accent` of English: "indian", "learnt" or ""."""
    if language == "en":
        if accent == "indian":
            for theirs, ours in INDIAN_ENGLISH:
                if rng.random() < _ACCENTED_SHARE:
                    phonemes = phonemes.replace(theirs, ours)
        if accent == "learnt":
            for theirs, ways in LEARNERS_ENGLISH:
                if rng.random() < _LEARNT_SHARE:
                    phonemes = phonemes.replace(theirs, ways[int(rng.integers(len(ways)))])
        # Teens said alone bear the stress at their end.
        return re.sub("ˈ([^ ]*[tʈ])(iːn)$", r"\1ˈ\2", phonemes) if rng.random() < 0.6 else phonemes
    for pattern, replacement, share in (MARATHI if language == "mr" else HINDI) + BOTH:
        if rng.random() < share:
            phonemes = re.sub(pattern, replacement, phonemes)
    return _stressed_elsewhere(phonemes, rng) if rng.random() < 0.3 else phonemes


def _stressed_elsewhere(phonemes: str, rng: np.random.Generator) -> str:
    """Move the stress, which distinguishes no Hindi or Marathi words and varies."""
    words = phonemes.replace("ˈ", "").split(" ")
    moved = []
    for word in words:
        vowels = [match.start() for match in _VOWEL.finditer(word)]
        at = vowels[int(rng.integers(len(vowels)))] if vowels else 0
        moved.append(f"{word[:at]}ˈ{word[at:]}")
    return " ".join(moved)
