"""Passwords that are guessed first, once digits and signs around them are taken off.

The minimum length already refuses the short ones of public lists, but not those who stretch them:
so all thirty thousand of zxcvbn's list are here (a file, with its licence beside it), and below
the words people stretch in French, in this trade, and the keyboard walks.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_WORDS = """
password passwort passw0rd p@ssword p@ssw0rd motdepasse motdepass monmotdepasse mypassword
passwordpassword motdepassemotdepasse changeme changezmoi changemoi letmein letmeinplease
welcome bienvenue bienvenu welcomewelcome bonjour bonjourbonjour aurevoir iloveyou jetaime
jetaimejetaime jevousaime doudou loulou chouchou cheval soleil princesse chocolat football
basketball baseball superman batman starwars pokemon dragon monkey sunshine princess master
michael jennifer jordan nicolas alexandre marseille parissaintgermain olympiquedemarseille
allezlom doudoudoudou camille thomas julien caroline azertyuiop azertyuiopqsdfghjklm azerty
azertyazerty azertyqsdfgh qwertyuiop qwertyuiopasdfghjkl qwerty qwertyqwerty qwertyasdfgh
qwertzuiop asdfghjkl asdfghjklzxcvbnm zxcvbnm wxcvbn qsdfghjklm aqwzsxedc qazwsxedc qazwsxedcrfv
1qaz2wsx3edc 1q2w3e4r5t6y q1w2e3r4t5y6 a1z2e3r4t5y6 zaqxswcdevfr 1a2z3e4r5t6y abcdefgh
abcdefghijkl abcdefghijklm abc123abc123 abcd1234abcd admin administrator administrateur
adminadmin adminadminadmin administration root rootroot rootrootroot superadmin superuser user
utilisateur guest invite test testtest testtesttest demo demodemo demodemodemo default temporary
temporaire provisoire secret secretsecret topsecret confidentiel entreprise societe company
comptabilite factoring affacturage affactureur factor cessio cessiocessio banque finance
trustno1 whatever nothing nopassword pasdemotdepasse jenesaispas jesaispas hello helloworld
hellohello internet computer ordinateur samsung iphone google facebook microsoft windows
january february march april june july august september october november december
janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
monday tuesday wednesday thursday friday lundi mardi mercredi jeudi vendredi samedi dimanche
spring summer autumn winter printemps automne hiver france francefrance paris parisparis
correcthorsebatterystaple correct-horse-battery-staple
123456789012 012345678901 098765432109 987654321098 123123123123 112233445566 111222333444
1234567890123 12345678901234 123456123456 123321123321 147258369147 159753159753 741852963741
"""


@cache
def common() -> frozenset[str]:
    """All of them, in small letters."""
    listed = Path(__file__).with_suffix(".txt").read_text(encoding="ascii")
    return frozenset(_WORDS.split()) | frozenset(listed.split())
