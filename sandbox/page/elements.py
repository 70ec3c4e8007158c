"""What one can use: buttons, menus, choices and fields, each a native element of the browser where there is one."""

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import events, ui
from nicegui.element import Element

from sandbox.inputs import KEYS, options_of, value_in
from sandbox.page import mrkdwn, texts
from sandbox.page.html import markup, tag
from sandbox.page.surface import Surface

Json = dict[str, Any]
Chosen = Callable[[Any], Awaitable[None]]
TYPES = {"email_text_input": "email", "url_text_input": "url", "number_input": "number", "datepicker": "date"}
TYPES |= {"timepicker": "time", "datetimepicker": "datetime-local"}
VALUE_OF = "(event) => emit(event.target.value)"
ON_ENTER = (
    "(event) => { if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); emit(event.target.value) } }"
)


def element(surface: Surface, block: Json, told: Json, label: str = "") -> None:
    """Draw one element. `label` names it where its block does."""
    match told["type"]:
        case "button":
            _button(surface, block, told)
        case "overflow":
            _overflow(surface, block, told)
        case "image":
            tag("img", "thumb", src=surface.image_url(told), alt=told.get("alt_text", ""))
        case "radio_buttons" | "checkboxes":
            _choices(surface, block, told, label)
        case kind if kind.startswith("multi_"):
            _choices(surface, block, told, label)
        case "external_select":
            _external(surface, block, told, label)
        case kind if kind.endswith("_select"):
            _select(surface, block, told, label)
        case "file_input":
            _files(surface, block, told)
        case kind if kind in KEYS:
            _field(surface, block, told, label)
        case kind:
            tag("span", "unknown", texts.UNKNOWN_BLOCK.format(kind))


# -- taps --------------------------------------------------------------------------------------------------------


def _button(surface: Surface, block: Json, told: Json) -> None:
    style = told.get("style", "")
    shown = tag("button", f"button {style}", type="button", aria_label=told.get("accessibility_label"))
    with shown:
        markup(mrkdwn.plain_object(told["text"]), name="span")
    if told.get("url"):
        shown.on("click", js_handler=f"() => window.open({json.dumps(told['url'])}, '_blank', 'noopener')")

    async def tapped() -> None:
        if await _confirmed(surface, told):
            with busy(shown):
                await surface.use(block, told, {})

    shown.on("click", tapped)


def _overflow(surface: Surface, block: Json, told: Json) -> None:
    with tag("button", "button more", type="button", aria_label=texts.MORE, aria_haspopup="menu") as shown:
        markup("⋯", name="span")
        with ui.menu() as menu:
            for option in told["options"]:
                ui.menu_item(option["text"]["text"], _picker(surface, block, told, option, shown, menu))


def _picker(
    surface: Surface, block: Json, told: Json, option: Json, shown: Element, menu: ui.menu
) -> Callable[[], Awaitable[None]]:
    async def picked() -> None:
        menu.close()
        if await _confirmed(surface, told):
            with busy(shown):
                await surface.use(block, told, {"selected_option": option["value"]})

    return picked


@contextmanager
def busy(shown: Element) -> Iterator[None]:
    """Marks an element while the app is asked."""
    shown.classes(add="busy")
    shown.props["aria-busy"] = "true"
    yield
    if not shown.is_deleted:
        shown.classes(remove="busy")
        shown.props["aria-busy"] = "false"


async def _confirmed(surface: Surface, told: Json) -> bool:
    """Ask back where the element wants to be confirmed."""
    confirm = told.get("confirm")
    if not confirm:
        return True
    with ui.dialog() as dialog, tag("div", "confirm", role="alertdialog", aria_label=confirm["title"]["text"]):
        tag("h2", "", confirm["title"]["text"])
        markup(text_html(surface, confirm["text"]))
        with tag("div", "buttons"):
            deny = tag("button", "button", confirm["deny"]["text"], type="button")
            deny.on("click", lambda: dialog.submit(False))
            style = confirm.get("style", "primary")
            yes = tag("button", f"button {style}", confirm["confirm"]["text"], type="button")
            yes.on("click", lambda: dialog.submit(True))
    answer = await dialog
    dialog.delete()
    return bool(answer)


def text_html(surface: Surface, text: Json) -> str:
    return mrkdwn.to_html(text["text"], surface.reading) if text["type"] == "mrkdwn" else mrkdwn.plain_object(text)


# -- choices -----------------------------------------------------------------------------------------------------


def _current(surface: Surface, block: Json, told: Json) -> Any:
    return value_in(surface.values, block, told)[KEYS[told["type"]]]


def _keeper(surface: Surface, block: Json, told: Json) -> Chosen:
    """What happens with a choice: kept where it is a form's, sent where the app wants to hear of it at once."""

    async def chosen(given: Any) -> None:
        asks = block["type"] == "input"
        if asks and surface.fill:
            surface.fill(block, told, given)
        if (not asks or block.get("dispatch_action")) and await _confirmed(surface, told):
            await surface.use(block, told, {KEYS[told["type"]]: given})

    return chosen


def _of_event(chosen: Chosen) -> Callable[[events.GenericEventArguments], Awaitable[None]]:
    async def happened(event: events.GenericEventArguments) -> None:
        await chosen(event.args)

    return happened


def _select(surface: Surface, block: Json, told: Json, label: str) -> None:
    current = _current(surface, block, told)
    now = current["value"] if isinstance(current, dict) else current
    chosen = _keeper(surface, block, told)
    prompt = (told.get("placeholder") or {}).get("text", texts.CHOOSE)
    with tag("select", "field", aria_label=label or prompt, **_described(surface, block)) as shown:
        tag("option", "", prompt, value="", disabled=True, selected=now is None)
        for title, options in _groups(surface, told):
            with tag("optgroup", label=title) if title else shown:
                for value, name in options:
                    tag("option", "", name, value=value, selected=value == now)
    shown.on("change", _of_event(chosen), js_handler=VALUE_OF)


def _groups(surface: Surface, told: Json) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The options of a select by group, as value and name."""
    kind = told["type"].removeprefix("multi_")
    if kind == "users_select":
        yield "", [(u.id, u.real_name) for u in surface.space.users.values() if not u.deleted]
    elif kind in ("channels_select", "conversations_select"):
        seen = [c for c in surface.space.channels.values() if not c.is_im and surface.reading.me in c.members]
        yield "", [(c.id, f"#{c.name}") for c in seen]
    elif told.get("option_groups"):
        for group in told["option_groups"]:
            yield group["label"]["text"], _named(group["options"])
    else:
        yield "", _named(told.get("options", []))


def _named(options: Iterable[Json]) -> list[tuple[str, str]]:
    return [(option["value"], option["text"]["text"]) for option in options]


def _choices(surface: Surface, block: Json, told: Json, label: str) -> None:
    """Radio buttons, check boxes, and selects of several, which are check boxes here."""
    one = told["type"] == "radio_buttons"
    current = _current(surface, block, told) or []
    held: list[Any] = [current] if one and current else list(current)
    picked: list[str] = [option["value"] if isinstance(option, dict) else option for option in held]
    chosen = _keeper(surface, block, told)
    name = f"{surface.key}-{block.get('block_id')}-{told['action_id']}"
    described = {option["value"]: option.get("description") for option in options_of(told)}
    with tag("div", "choices", role="radiogroup" if one else "group", aria_label=label, **_described(surface, block)):
        for title, options in _groups(surface, told):
            if title:
                tag("div", "group", title)
            for value, text in options:
                with tag("label", "choice"):
                    box = tag(
                        "input", "", type="radio" if one else "checkbox", name=name, **{"^checked": value in picked}
                    )
                    with tag("span"):
                        markup(mrkdwn.plain(text), name="span")
                        if about := described.get(value):
                            markup(text_html(surface, about), "about")
                box.on("change", _toggle(picked, value, chosen, one=one), js_handler="(e) => emit(e.target.checked)")


def _toggle(
    picked: list[str], value: str, chosen: Chosen, *, one: bool
) -> Callable[[events.GenericEventArguments], Awaitable[None]]:
    async def toggled(event: events.GenericEventArguments) -> None:
        if one:
            await chosen(value)
            return
        if event.args and value not in picked:
            picked.append(value)
        elif not event.args and value in picked:
            picked.remove(value)
        await chosen(list(picked))

    return toggled


def _external(surface: Surface, block: Json, told: Json, label: str) -> None:
    """A field that asks the app for options while one types."""
    current = _current(surface, block, told) or {}
    chosen = _keeper(surface, block, told)
    value = (current.get("text") or {}).get("text", "")
    shown = tag("input", "field", type="text", aria_label=label, autocomplete="off", **{"^value": value})
    found = tag("div", "suggestions", aria_live="polite")

    async def typed(event: events.GenericEventArguments) -> None:
        options = (
            await surface.suggest(told, str(event.args)) if len(event.args) >= told.get("min_query_length", 3) else []
        )
        found.clear()
        with found:
            for option in options:
                tag("button", "suggestion", option["text"]["text"], type="button").on("click", _take(option))

    def _take(option: Json) -> Callable[[], Awaitable[None]]:
        async def taken() -> None:
            found.clear()
            ui.run_javascript(f"getHtmlElement({shown.id}).value = {json.dumps(option['text']['text'])}")
            await chosen(option)

        return taken

    shown.on("input", typed, js_handler=VALUE_OF)


# -- fields ------------------------------------------------------------------------------------------------------


def _field(surface: Surface, block: Json, told: Json, label: str) -> None:
    kind, current = told["type"], _current(surface, block, told)
    many = bool(told.get("multiline")) or kind == "rich_text_input"
    prompt = (told.get("placeholder") or {}).get("text")
    typed = _typed(surface, kind, current)
    settings: Json = {
        "aria_label": label or prompt,
        "placeholder": prompt,
        "maxlength": told.get("max_length"),
        **_described(surface, block),
    }
    if many:
        shown = tag("textarea", "field", rows="4", **settings, **{".defaultValue": typed})
    else:
        shown = tag("input", "field", type=TYPES.get(kind, "text"), **settings, **{"^value": typed})
    chosen = _keeper(surface, block, told)
    if kind in ("datepicker", "timepicker", "datetimepicker"):
        shown.on("change", _of_event(_from_browser(surface, kind, chosen)), js_handler=VALUE_OF)
        return

    async def kept(event: events.GenericEventArguments) -> None:
        if surface.fill:
            surface.fill(block, told, event.args)

    shown.on("input", kept, js_handler=VALUE_OF)
    if block.get("dispatch_action") and not many:
        shown.on("keydown", _of_event(chosen), js_handler=ON_ENTER)


def _typed(surface: Surface, kind: str, current: Any) -> str:
    """A value as the browser's own field wants it."""
    if not current:
        return ""
    if kind == "datetimepicker":
        return f"{datetime.fromtimestamp(int(current), ZoneInfo(surface.reading.zone)):%Y-%m-%dT%H:%M}"
    if kind == "rich_text_input":
        parts = (part for section in current["elements"] for part in section.get("elements", []))
        return "".join(part.get("text", "") for part in parts)
    return str(current)


def _from_browser(surface: Surface, kind: str, chosen: Chosen) -> Chosen:
    """A date and time of the browser's field stands in the reader's zone; Slack tells Unix seconds."""

    async def picked(given: Any) -> None:
        if kind == "datetimepicker" and given:
            at = datetime.fromisoformat(str(given)).replace(tzinfo=ZoneInfo(surface.reading.zone))
            given = int(at.timestamp())
        await chosen(given or None)

    return picked


def _files(surface: Surface, block: Json, told: Json) -> None:
    held: list[Json] = list(_current(surface, block, told) or [])

    async def taken(event: events.UploadEventArguments) -> None:
        if surface.upload and surface.fill:
            held.append(surface.upload(event.file.name, await event.file.read()))
            surface.fill(block, told, list(held))

    ui.upload(on_upload=taken, auto_upload=True, max_files=told.get("max_files", 10)).classes("upload")


def _described(surface: Surface, block: Json) -> Json:
    """Ties a field to the sentence beside it, and says that it needs a correction."""
    block_id = block.get("block_id", "")
    wrong = block_id in surface.errors
    return {
        "aria_describedby": f"{surface.key}-{block_id}-says",
        "aria_invalid": "true" if wrong else None,
        "data_block": block_id,
    }
