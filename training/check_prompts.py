"""Check the prompts with the product's own recogniser: `python -m training.check_prompts [--language mr]`.

The numbers network must hear the right number in each number clip and at the end of each fact. Every clip must have a
sensible length, even loudness, no clipping and no long silence. Doubtful clips are listed.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from server.asr.numbers.engine import NumbersEngine
from server.languages import SPOKEN_NUMBERS, available, load_language
from server.voices.sound import LEAD_MS, PEAK, SPEECH_RMS, TAIL_MS, speech_rms, speech_span

from .prompts import FOLDER

ENGINE_RATE_HZ = 16_000
# A number with less probability than this should be checked by ear, even if it comes first.
DOUBTFUL = 0.4
DURATIONS_MS = (300, 7000)
LOUDNESS_TOLERANCE_DB = 3.0
# MP3 adds up to two frames of silence and lets peaks overshoot a little.
EDGE_SLACK_MS = 120
OVERSHOOT = 1.15
# At the end of a fact the answer takes about as long as alone: these shares of its own clip are tried.
ANSWER_SHARES = (0.75, 0.85, 0.95, 1.05)


@dataclass(frozen=True)
class Recording:
    """A clip as a child hears it."""

    clip: str
    samples: np.ndarray
    rate_hz: int

    @property
    def duration_ms(self) -> float:
        return 1000 * len(self.samples) / self.rate_hz

    def speech(self) -> np.ndarray:
        """The samples from the first to the last that is not silent, at the recogniser's rate."""
        first, last = speech_span(self.samples)
        return resample_poly(self.samples[first:last], ENGINE_RATE_HZ, self.rate_hz).astype(np.float32)


def load_recordings(folder: Path) -> dict[str, Recording]:
    """Load all clips of the folder's manifest."""
    clips = json.loads((folder / "manifest.json").read_text("utf-8"))["clips"]
    sounds = {clip: soundfile.read(folder / entry["file"], dtype="float32") for clip, entry in clips.items()}
    return {clip: Recording(clip, samples, rate_hz) for clip, (samples, rate_hz) in sounds.items()}


def sound_complaints(recording: Recording) -> Iterator[str]:
    """Yield the faults in the sound of a clip, whatever it says."""
    if not DURATIONS_MS[0] <= recording.duration_ms <= DURATIONS_MS[1]:
        yield f"lasts {recording.duration_ms:.0f} ms"
    peak = float(np.abs(recording.samples).max())
    if peak > min(1.0, PEAK * OVERSHOOT):
        yield f"peaks at {peak:.2f}"
    decibels = 20 * np.log10(speech_rms(recording.samples, recording.rate_hz) / SPEECH_RMS)
    if abs(decibels) > LOUDNESS_TOLERANCE_DB:
        yield f"is {decibels:+.1f} dB from the common loudness"
    first, last = speech_span(recording.samples)
    lead_ms, tail_ms = 1000 * first / recording.rate_hz, 1000 * (len(recording.samples) - last) / recording.rate_hz
    if lead_ms > LEAD_MS + EDGE_SLACK_MS or tail_ms > TAIL_MS + EDGE_SLACK_MS:
        yield f"has {lead_ms:.0f} ms of silence before and {tail_ms:.0f} ms after it"


def heard_number(engine: NumbersEngine, recording: Recording, language: str) -> Mapping[int, float]:
    """Return the probabilities of the numbers for a number clip."""
    return engine.hear(recording.speech(), language).numbers


def heard_answer(
    engine: NumbersEngine, fact: Recording, answer: int, alone: Recording, language: str
) -> Mapping[int, float]:
    """Return the probabilities of the numbers at the end of a fact: of several cuts, those that suit it best."""
    speech, length = fact.speech(), len(alone.speech())
    cuts = [engine.hear(speech[-int(share * length) :], language).numbers for share in ANSWER_SHARES]
    return max(cuts, key=lambda probabilities: probabilities[answer])


def check(code: str, engine: NumbersEngine) -> None:
    """Print the doubtful prompts of a language."""
    voice = load_language(code).voice
    folder = FOLDER / code / voice
    recordings = load_recordings(folder)
    right = {"number": 0, "fact": 0}
    for clip, recording in recordings.items():
        for complaint in sound_complaints(recording):
            print(f"  {clip} {complaint}")
        kind, *operands = clip.split("-")
        if kind == "number":
            meant = int(operands[0])
            if meant > engine.largest_number(code):
                continue
            probabilities = heard_number(engine, recording, code)
        elif kind == "fact":
            meant = int(operands[0]) * int(operands[1])
            probabilities = heard_answer(engine, recording, meant, recordings[f"number-{meant}"], code)
        else:
            continue
        likeliest = max(probabilities, key=probabilities.__getitem__)
        right[kind] += likeliest == meant
        if likeliest != meant or probabilities[meant] < DOUBTFUL:
            print(f"  {clip}: {meant} with {probabilities[meant]:.2f}, {likeliest} with {probabilities[likeliest]:.2f}")
    size = sum(path.stat().st_size for path in folder.glob("*.mp3"))
    seconds = sum(recording.duration_ms for recording in recordings.values()) / 1000
    print(
        f"{code} ({voice}): {len(recordings)} clips, {seconds:.0f} s, {size / 1e6:.2f} MB; "
        f"numbers heard right {right['number']} of {len(SPOKEN_NUMBERS)}, answers of facts {right['fact']} of 100"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", choices=available(), action="append", help="only this one; may be repeated")
    engine = NumbersEngine()
    for code in parser.parse_args().language or available():
        check(code, engine)


if __name__ == "__main__":
    main()
