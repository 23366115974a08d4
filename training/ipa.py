"""Text to phonemes: Devanagari by rule, English by a word list. Pure; needs no engine.

The symbols are those of the Kokoro voices: IPA with one character for each affricate (ʧ ʤ ʦ ʣ), `ʰ` for every
aspiration, `ː` for length and a combining tilde for nasal vowels. Punctuation is kept: it carries the intonation.
"""

import re
import unicodedata
from dataclasses import dataclass

from .english import PRONUNCIATIONS as ENGLISH

CONSONANTS = {
    "क": "k",
    "ख": "kʰ",
    "ग": "ɡ",
    "घ": "ɡʰ",
    "ङ": "ŋ",
    "च": "ʧ",
    "छ": "ʧʰ",
    "ज": "ʤ",
    "झ": "ʤʰ",
    "ञ": "ɲ",
    "ट": "ʈ",
    "ठ": "ʈʰ",
    "ड": "ɖ",
    "ढ": "ɖʰ",
    "ण": "ɳ",
    "त": "t",
    "थ": "tʰ",
    "द": "d",
    "ध": "dʰ",
    "न": "n",
    "प": "p",
    "फ": "pʰ",
    "ब": "b",
    "भ": "bʰ",
    "म": "m",
    "य": "j",
    "र": "ɾ",
    "ल": "l",
    "ळ": "ɭ",
    "व": "ʋ",
    "श": "ʃ",
    "ष": "ʂ",
    "स": "s",
    "ह": "h",
    "क़": "k",
    "ख़": "kʰ",
    "ग़": "ɡ",
    "ज़": "z",
    "ड़": "ɽ",
    "ढ़": "ɽʰ",
    "फ़": "f",
    "ऱ": "ɾ",
}
INDEPENDENT = {
    "अ": "ə",
    "आ": "aː",
    "इ": "ɪ",
    "ई": "iː",
    "उ": "ʊ",
    "ऊ": "uː",
    "ए": "eː",
    "ऐ": "ɛː",
    "ओ": "oː",
    "औ": "ɔː",
    "ऑ": "ɔː",
}
SIGNS = {"ा": "aː", "ि": "ɪ", "ी": "iː", "ु": "ʊ", "ू": "uː", "े": "eː", "ै": "ɛː", "ो": "oː", "ौ": "ɔː", "ॉ": "ɔː"}
MARATHI_DIPHTHONGS = {"ɛː": "əɪ", "ɔː": "əʊ"}
VIRAMA, NUKTA, VISARGA, TILDE = "\u094d", "\u093c", "\u0903", "\u0303"
NASALS = "\u0901\u0902"  # chandrabindu, anusvara

# Marathi च, ज and झ are ʦ and ʣ except before front vowels and य; these stems keep the palatal everywhere.
MARATHI_PALATAL = ("चार", "चाळ")
MARATHI_DENTALS = {"ʧ": "ʦ", "ʤ": "ʣ", "ʤʰ": "ʣʰ"}

# Words that break the rules: compounds whose seam is not written, and spellings older than the speech.
EXCEPTIONS = {
    "hi": {"छह": "ʧʰɛː", "छः": "ʧʰɛː", "यह": "jeː", "वह": "ʋoː"},
    "mr": {"जवळजवळ": "ʣəʋəɭʣəʋəɭ", "माझ्याबरोबर": "maːʤʰjaːbəɾoːbəɾ"},
}

# Small unstressed words that lean on their neighbours.
UNSTRESSED = {
    "hi": frozenset("से में को का के की तो ना या और है हैं सा सी".split()),
    "mr": frozenset("या ना तर ही मी".split()),
}

PUNCTUATION = {".": ".", "।": ".", "?": "?", "!": "!", ",": ",", ":": ":", ";": ";", "…": "…"}
_TOKENS = re.compile(r"[.।?!,:;…]|[^\s.।?!,:;…]+")
_VOWEL = re.compile("əɪ|əʊ|[aeiouəɪʊɛɔ]\u0303?ː?")


class UnknownWord(ValueError):
    """A word cannot be pronounced. The message says where it can be added."""


@dataclass
class Segment:
    """One sound. Kinds: consonant, vowel, `schwa` (an unwritten vowel, perhaps silent), nasal."""

    sound: str
    kind: str


def to_ipa(text: str, language: str) -> str:
    """Return the phonemes of `text` ("en", "hi" or "mr"): words separated by spaces, punctuation attached."""
    pronounce = english_word if language == "en" else lambda word: devanagari_word(word, language)
    spoken = ""
    for token in _TOKENS.findall(unicodedata.normalize("NFC", text)):
        if token in PUNCTUATION:
            spoken += PUNCTUATION[token]
        else:
            spoken += " " * bool(spoken) + pronounce(token)
    return spoken


def english_word(word: str) -> str:
    """Return the phonemes of an English word of the list, with its stress."""
    try:
        return ENGLISH[word.lower()]
    except KeyError:
        raise UnknownWord(f"no pronunciation for {word!r}: add it to training/english.py") from None


def devanagari_word(word: str, language: str) -> str:
    """Return the phonemes of one Hindi ("hi") or Marathi ("mr") word, with its stress."""
    plain = word.replace("\u200d", "").replace("\u200c", "")
    sounds = EXCEPTIONS[language].get(plain)
    if sounds is None:
        segments = _segments(plain, language)
        _delete_schwas(segments)
        _colour_nasals(segments, language)
        sounds = "".join(segment.sound for segment in segments)
    return sounds if plain in UNSTRESSED[language] else _stressed(sounds)


def with_viramas(word: str, language: str) -> str:
    """Return the word, decomposed, with a virama on each inner consonant with a silent schwa (सदतीस -> सद्तीस)."""
    segments = _segments(word.replace("\u200d", "").replace("\u200c", ""), language)
    written = [segment for segment in segments if segment.kind == "schwa"]
    _delete_schwas(segments)
    spoken = {id(segment) for segment in segments}
    letters = re.findall(f".{NUKTA}?", unicodedata.normalize("NFD", word))
    spelt = ""
    for position, letter in enumerate(letters):
        spelt += letter
        following = letters[position + 1] if position + 1 < len(letters) else ""
        bare = unicodedata.normalize("NFC", letter) in _CONSONANTS and following not in SIGNS and following != VIRAMA
        if bare and id(written.pop(0)) not in spoken and following:
            spelt += VIRAMA
    return spelt


def _segments(word: str, language: str) -> list[Segment]:
    letters = re.findall(f".{NUKTA}?", unicodedata.normalize("NFD", word))
    segments: list[Segment] = []
    for position, letter in enumerate(letters):
        following = letters[position + 1] if position + 1 < len(letters) else ""
        letter = unicodedata.normalize("NFC", letter)
        if letter in _CONSONANTS:
            segments.append(Segment(_consonant("".join(letters[position:]), language), "consonant"))
            if following not in SIGNS and following != VIRAMA:
                segments.append(Segment("ə", "schwa"))
        elif letter in INDEPENDENT or letter in SIGNS:
            sound = INDEPENDENT.get(letter) or SIGNS[letter]
            segments.append(Segment(MARATHI_DIPHTHONGS.get(sound, sound) if language == "mr" else sound, "vowel"))
        elif letter in NASALS:
            segments.append(Segment("n", "nasal"))
        elif letter == VISARGA:
            segments.append(Segment("h", "consonant"))
        elif letter != VIRAMA:
            raise UnknownWord(f"cannot pronounce {letter!r} in {word!r}")
    return segments


# Letters with a nukta have several spellings; this table has the one of NFC.
_CONSONANTS = {unicodedata.normalize("NFC", letter): sound for letter, sound in CONSONANTS.items()}


def _consonant(rest: str, language: str) -> str:
    """Return the sound of the consonant that begins `rest`, which is the word from there on."""
    sound = _CONSONANTS[unicodedata.normalize("NFC", rest[:2])] if rest[1:2] == NUKTA else _CONSONANTS[rest[0]]
    if language != "mr" or sound not in MARATHI_DENTALS or rest.startswith(MARATHI_PALATAL):
        return sound
    following = rest[1:].removeprefix(VIRAMA)[:1]
    return sound if following in tuple("िीेैय") else MARATHI_DENTALS[sound]


def _delete_schwas(segments: list[Segment]) -> None:
    """Drop the schwas that are written but silent (Ohala's rule, from the end of the word backwards)."""
    if len(segments) > 2 and segments[-1].kind == "schwa" and not _rising_cluster(segments[-3:-1]):
        segments.pop()
    for position in range(len(segments) - 2, 1, -1):
        if segments[position].kind == "schwa" and _between_syllables(segments, position):
            del segments[position]


def _rising_cluster(pair: list[Segment]) -> bool:
    """Tell whether a cluster such as -nj or -tn cannot end a word: the schwa after it stays (शून्य, प्रयत्न)."""
    return pair[0].kind == pair[1].kind == "consonant" and pair[0].sound != pair[1].sound and pair[1].sound in "jɾlnʋ"


def _between_syllables(segments: list[Segment], position: int) -> bool:
    """Tell whether the schwa stands in V C _ C V. A nasal may precede the first C; the second may carry a glide."""
    before = [segment.kind for segment in segments[:position]]
    if before and before[-1] == "consonant":
        before.pop()
        if before and before[-1] == "nasal":
            before.pop()
    else:
        return False
    if not before or before[-1] not in ("vowel", "schwa"):
        return False
    after = segments[position + 1 :]
    if after[0].kind == "vowel":
        return True  # a seam: एकोण + ऐंशी
    if len(after) > 2 and after[0].kind == "consonant" and after[1].sound == "j":
        after = after[1:]
    return len(after) > 1 and after[0].kind == "consonant" and after[1].kind in ("vowel", "schwa")


def _colour_nasals(segments: list[Segment], language: str) -> None:
    """Give every nasal sign its sound: a consonant at the place of the next one, or a nasal vowel."""
    for position, segment in enumerate(segments):
        if segment.kind != "nasal":
            continue
        vowel = segments[position - 1]
        following = segments[position + 1].sound if position + 1 < len(segments) else ""
        if language == "mr" and not following:
            segment.sound, vowel.sound = "", {"ə": "əː"}.get(vowel.sound, vowel.sound)  # करं, तुझं: long, not nasal
        elif language == "hi" and (not following or following[0] in "shɦjʋɾl" or "ː" in vowel.sound):
            segment.sound, vowel.sound = "", vowel.sound.replace("ː", "") + TILDE + "ː" * ("ː" in vowel.sound)
            if following[:1] in tuple("tdʈɖʧʤ"):
                segment.sound = "n"
        else:
            segment.sound = _homorganic(following)


def _homorganic(following: str) -> str:
    return {"p": "m", "b": "m", "k": "ŋ", "ɡ": "ŋ", "ʈ": "ɳ", "ɖ": "ɳ"}.get(following[:1], "n")


def _stressed(sounds: str) -> str:
    """Stress the heaviest syllable; of equals the last one that does not end the word."""
    vowels = list(_VOWEL.finditer(sounds))
    if not vowels:
        return sounds
    ends = [later.start() for later in vowels[1:]] + [len(sounds)]
    weights = []
    for vowel, end in zip(vowels, ends, strict=True):
        consonants = len(re.findall("[^ʰː\u0303]", sounds[vowel.end() : end]))
        # A final cluster weighs no more than one consonant: छप्पन्न is stressed like छप्पन.
        coda = min(consonants, 1) if end == len(sounds) else max(0, consonants - 1)
        weights.append(min(3, 1 + (len(vowel.group()) > 1) + coda))
    heaviest = [index for index, weight in enumerate(weights) if weight == max(weights)]
    if len(heaviest) > 1 and heaviest[-1] == len(weights) - 1:
        heaviest.pop()
    place = vowels[heaviest[-1]]
    stressed = "ʌ" if place.group() == "ə" else place.group()  # as in the voices' training
    return sounds[: place.start()] + "ˈ" + stressed + sounds[place.end() :]
