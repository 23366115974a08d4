"""What the numbers network can hear: the order of its outputs, which the training shares.

For each language there are three outputs. `last`: the number modulo 100 (0 to 99), then the commands, then "none of
these". `hundreds`: 0 to 4. `appeal`: one, whether the child objects ("no, I said fifty-six").
"""

from ...understanding.lexicon import Spoken

LANGUAGES = ("en", "hi", "mr")
# English numbers are said inside Indian languages, so they are heard as well.
ALSO_ACCEPTED = {"en": (), "hi": ("en",), "mr": ("en",)}
REMAINDERS = 100
HUNDREDS = 5
LARGEST_NUMBER = 400
# None means nothing in a drill: "yes". It is here so that the network can tell it from an answer.
COMMANDS: dict[str, Spoken | None] = {
    "repeat": Spoken.REPEAT,
    "skip": Spoken.SKIP,
    "stop": Spoken.STOP,
    "start": Spoken.START,
    "yes": None,
    "no": Spoken.CORRECTION,
}
NONE = REMAINDERS + len(COMMANDS)
CLASSES = NONE + 1
