"""Block Kit as tests write it: the least that Slack takes, and what one wants to be different."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "Hello", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(action_id: str = "go", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain("Go"), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def option(value: str = "one", **more: Any) -> Json:
    return {"text": plain(value), "value": value, **more}


def options(number: int) -> list[Json]:
    return [option(f"o{n}") for n in range(number)]


def choice(kind: str, number: int, **more: Any) -> Json:
    return {"type": kind, "action_id": "choice", "options": options(number), **more}


def text_input(action_id: str = "text", **more: Any) -> Json:
    return {"type": "plain_text_input", "action_id": action_id, **more}


def asking(element: Json, block_id: str = "asked", **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain("Say"), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    shown = list(blocks) or [section()]
    return {"type": "modal", "title": plain("Note"), "submit": plain("Send"), "blocks": shown, **more}


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks) or [section()], **more}
