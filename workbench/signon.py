"""Single sign-on by OpenID Connect: the person proves who they are to their own organisation."""

from __future__ import annotations


class SignOnError(ValueError):
    """The identity provider's answer cannot be trusted, or there is none; the message says what to do."""


class Provider:
    """To come."""

    name = ""

    def begin(self, back: str) -> str:
        raise SignOnError("to come")

    def finish(self, answer: str) -> str:
        raise SignOnError("to come")
