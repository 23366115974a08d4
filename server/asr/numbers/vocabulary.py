"""What the numbers network can hear, in the order of its outputs. The training shares it.

Each language has three outputs. `last`: the number modulo 100 (0 to 99), then the commands, then "none of these".
`hundreds`: 0 to 4. `appeal`: whether the child objects ("no, I said fifty-six").
"""

from ...understanding.lexicon import Spoken

LANGUAGES = ("en", "hi", "mr")
# English numbers are accepted in Indian languages, whose speakers use them.
ALSO_ACCEPTED = {"en": (), "hi": ("en",), "mr": ("en",)}
REMAINDERS = 100
HUNDREDS = 5
LARGEST_NUMBER = 400
# None: "yes" does nothing in a drill. The network knows it, and so tells it from an answer.
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
