"""Docstrings as mkdocstrings wants them: an extension of griffe (``extensions`` in mkdocs.yml).

In the code they are written for ``help()`` and Sphinx' roles; the site wants links of its own and "Examples".
"""

import re
from html import escape
from typing import Any

from griffe import Extension, Object

_ROLE = re.compile(r":(?:class|func|meth|mod|data|attr|exc):`~?([^`]+)`")
_EXAMPLE = re.compile(r"^( *)Example:$", re.MULTILINE)
# Examples that stand at the end of a docstring without a heading.
_BARE = re.compile(r"(?:^>>> .*\n?(?:^(?!\s*$).*\n?)*\s*)+", re.MULTILINE)


class Docstrings(Extension):
    """Roles become links where their target has a page, and code where it has none."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """See griffe."""
        if obj.docstring:
            obj.docstring.value = adapted(obj.docstring.value)


def adapted(text: str) -> str:
    """A docstring with links and "Examples".

    >>> adapted("See :class:`va_space.space.VASpace`.")
    'See <autoref optional identifier="va_space.space.VASpace"><code>VASpace</code></autoref>.'
    """
    text = _BARE.sub(lambda match: f"```pycon\n{match[0].rstrip()}\n```\n\n", text)
    return _EXAMPLE.sub(r"\1Examples:", _ROLE.sub(_link, text))


def _link(match: re.Match[str]) -> str:
    target = match[1].removesuffix("()")
    code = f"<code>{escape(target.rpartition('.')[2])}</code>"
    return f'<autoref optional identifier="{escape(target)}">{code}</autoref>' if "." in target else code
