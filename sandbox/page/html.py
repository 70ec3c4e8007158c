"""Plain HTML elements in few words: native ones, for the keyboard and the screen reader know them best."""

from typing import Any

from nicegui import ui
from nicegui.element import Element


def tag(name: str, classes: str = "", text: str | None = None, /, **attributes: Any) -> Element:
    """An HTML element. An attribute's `_` stands for `-`; False and None leave it out, True is the bare attribute."""
    made = Element(name)
    if classes:
        made.classes(classes)
    for key, value in attributes.items():
        if value is not None and value is not False:
            made.props[key.strip("_").replace("_", "-")] = "" if value is True else value
    if text is not None:
        with made:
            ui.html(_escape(text), sanitize=False, tag="span")
    return made


def markup(content: str, classes: str = "", name: str = "div") -> Element:
    """HTML that the pure part of the page made, which escaped what came from outside."""
    return ui.html(content, sanitize=False, tag=name).classes(classes)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
