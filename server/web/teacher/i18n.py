"""A language as the teacher's pages use it: texts, numbers and dates."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale
from babel.dates import format_date
from babel.localedata import locale_identifiers

from ...languages import Language

_DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


@dataclass(frozen=True, slots=True)
class Words:
    """Formats texts, numbers and dates for the templates."""

    language: Language

    @property
    def code(self) -> str:
        return self.language.code

    def say(self, key: str, **values: object) -> str:
        """Return the text of this key with its placeholders filled. Raises KeyError."""
        return self.language.teacher[key].format_map(_Written(self, values))

    def picture(self, name: str) -> str:
        """Return the name of a picture."""
        return self.language.pictures[name]

    def number(self, value: float) -> str:
        """Write a number in the digits of the language; a fraction has one decimal."""
        text = str(value) if isinstance(value, int) else f"{value:.1f}".removesuffix(".0")
        return self.digits(text)

    def digits(self, text: str) -> str:
        return text.translate(_DEVANAGARI) if self.language.digits == "deva" else text

    def seconds(self, time_ms: float) -> str:
        return self.say("seconds", n=time_ms / 1000)

    def percent(self, part: int, whole: int) -> str:
        return self.say("percent", n=round(100 * part / whole)) if whole else "–"

    def date(self, day: dt.date, form: str = "medium") -> str:
        """Write a date. `form`: medium or long as Babel knows them, or a skeleton such as "d MMM"."""
        # English, too, is written as in India.
        locale = Locale.negotiate([f"{self.code}_IN", self.code], locale_identifiers())
        return self.digits(format_date(day, form, locale=locale) if locale else day.isoformat())

    @staticmethod
    def day(at_ms: int) -> dt.date:
        """Return the day of a time, in the server's time zone."""
        return dt.datetime.fromtimestamp(at_ms / 1000).date()

    def moment(self, at_ms: int) -> str:
        """Write day and time, in the server's time zone."""
        return f"{self.date(self.day(at_ms))}, {self.digits(f'{dt.datetime.fromtimestamp(at_ms / 1000):%H:%M}')}"


class _Written(dict[str, str]):
    """Values as the language writes them: numbers in its digits."""

    def __init__(self, words: Words, values: Mapping[str, object]) -> None:
        super().__init__(
            {
                name: words.number(value) if isinstance(value, int | float) else str(value)
                for name, value in values.items()
            }
        )
