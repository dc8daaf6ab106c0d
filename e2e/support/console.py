"""Usher's own console, for journeys of the admin's side."""

import re

from support.process import Usher

# What `usher serve` and `usher demo` print on the terminal: where they are, and how the first admin gets in.
SERVES = r"usher serves on (http://\S+)"
SET_UP_LINK = r"(http://\S+/set-up\S*)"


def address(usher: Usher) -> str:
    """Where it serves, once it says so."""
    return usher.says(SERVES).group(1)


def set_up_link(usher: Usher) -> str:
    """The one-time link on the terminal, said before or after the address."""
    for line in usher.said:
        if found := re.search(SET_UP_LINK, line):
            return found.group(1)
    return usher.says(SET_UP_LINK).group(1)
