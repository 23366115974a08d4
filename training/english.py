"""Pronunciation of the words in the English prompts (Indian teachers' English leans on British vowels).

A list, not rules: the prompts use about a hundred words, and English spelling follows no rule.
"""

_NUMBERS = """
zero zˈɪəɹO; one wˈʌn; two tˈuː; three θɹˈiː; four fˈɔː; five fˈIv; six sˈɪks; seven sˈɛvən; eight ˈAt; nine nˈIn;
ten tˈɛn; eleven ɪlˈɛvən; twelve twˈɛlv; thirteen θˌɜːtˈiːn; fourteen fˌɔːtˈiːn; fifteen fˌɪftˈiːn;
sixteen sˌɪkstˈiːn; seventeen sˌɛvəntˈiːn; eighteen ˌAtˈiːn; nineteen nˌIntˈiːn; twenty twˈɛnti; thirty θˈɜːti;
forty fˈɔːti; fifty fˈɪfti; sixty sˈɪksti; seventy sˈɛvənti; eighty ˈAti; ninety nˈInti; hundred hˈʌndɹəd
"""

_CHANT = """
ones wˈʌnz; twos tˈuːz; threes θɹˈiːz; fours fˈɔːz; fives fˈIvz; sixes sˈɪksɪz; sevens sˈɛvənz; eights ˈAts;
nines nˈInz; tens tˈɛnz; elevens ɪlˈɛvənz; twelves twˈɛlvz;
are ɑː
"""

_PROMPTS = """
hello həlˈO; let lˈɛt; us ˌʌs; practise pɹˈæktɪs; practised pɹˈæktɪst; the ðə; tables tˈAbᵊlz; very vˈɛɹi;
good ɡˈʊd; that ðˈæt; is ˌɪz; right ɹˈIt; well wˈɛl; done dˈʌn; yes jˈɛs; lovely lˈʌvli; great ɡɹˈAt;
nearly nˈɪəli; not nˌɒt; quite kwˈIt; try tɹˈI; look lˈʊk; sorry sˈɒɹi; say sˈA; it ɪt; once wˈʌns; more mˈɔː;
i I; did dˈɪd; catch kˈæʧ; you juː; can kæn; also ˈɔːlsO; tap tˈæp; answer ˈɑːnsə; answers ˈɑːnsəz; here hˈɪə;
some sʌm; help hˈɛlp; listen lˈɪsᵊn; and ænd; with wɪð; me mˌiː; no nˈO; problem pɹˈɒbləm; misheard mɪshˈɜːd;
welcome wˈɛlkəm; back bˈæk; will wɪl; wait wˈAt; any ˈɛni; number nˈʌmbə; or ɔː; when wɛn; ready ɹˈɛdi;
would wʊd; like lˈIk; to tə; your jɔː; picture pˈɪkʧə; start stˈɑːt; see sˈiː; soon sˈuːn;
these ðˈiːz; stronger stɹˈɒŋɡə; now nˈW
"""


def _read(table: str) -> dict[str, str]:
    return dict(entry.split() for entry in table.replace("\n", " ").split(";") if entry.strip())


PRONUNCIATIONS = _read(_NUMBERS) | _read(_CHANT) | _read(_PROMPTS)
