"""The speaking speed of each language, and the clips that sound better with a spelling or speed of their own."""

from dataclasses import dataclass

# 1 is the voice's own speed. Children follow a slightly slower one.
SPEED = {"en": 0.9, "hi": 0.95, "mr": 0.95}


@dataclass(frozen=True)
class Retake:
    """Exceptions for one clip; None: as the rule says."""

    phonemes: str | None = None
    speed: float | None = None


# By (language, clip id). After a change here, delete the clip's file: only that one is made again.
RETAKES = {
    ("en", "number-2"): Retake(speed=1.0),
    ("hi", "number-6"): Retake("ʧʰˈeː."),
    ("hi", "number-7"): Retake("saːt."),
    ("hi", "number-8"): Retake("ˈaːʈ."),
    ("hi", "number-45"): Retake("pɛ̃ːtaːlˈiːs."),
    ("hi", "number-60"): Retake(speed=0.75),
    ("hi", "number-72"): Retake("bˌəhʌttəɾ."),
    ("hi", "number-78"): Retake("ˌʌʈʰhəttəɾ."),
    ("hi", "fact-1-8"): Retake("ˈeːk ˈʌʈʈʰeː ˈaːʈ."),
    ("hi", "fact-2-4"): Retake("dˈoː ʧˈɔːkeː ˈaːʈ."),
    ("hi", "fact-4-2"): Retake("ʧˈaːɾ dˈuːniː ˈaːʈ."),
    ("hi", "fact-8-1"): Retake("ˈaːʈʰ ˈeːkəm ˈaːʈ."),
    ("hi", "fact-8-9"): Retake("ˈaːʈʰ nəʋˈãː bˌəhʌttəɾ."),
    ("mr", "number-6"): Retake("sˌəhaː."),
    ("mr", "number-8"): Retake("ˈaːʈ."),
    ("mr", "number-43"): Retake("tɾˈeːʧaːɭiːs."),
    ("mr", "number-60"): Retake(speed=0.75),
    ("mr", "number-65"): Retake("paːsˈʌʂʈ.", speed=0.85),
    ("mr", "fact-1-8"): Retake("ˈeːk ˈaːʈʰeː ˈaːʈ."),
    ("mr", "fact-2-4"): Retake("bˈeː ʦˈoːk ˈaːʈ."),
    ("mr", "fact-4-2"): Retake("ʧˈaːɾ dʊɳˈeː ˈaːʈ."),
    ("mr", "fact-8-1"): Retake("ˈaːʈʰ ˈeːkeː ˈaːʈ."),
}
