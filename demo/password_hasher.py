"""How the demo and the tests keep passwords."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class FastPasswordHasher(PBKDF2PasswordHasher):
    """The demo's one password is long and random: a slow hash would protect nothing and costs each sign-in."""

    iterations = 20_000
