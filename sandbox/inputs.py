"""What people choose and type: the elements of Block Kit, and how their values stand in Slack's payloads. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from sandbox.errors import SlackError

Json = dict[str, Any]

# The key under which the value of each kind of element stands in a payload, and its initial value in the element.
KEYS = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
}
SENT_ALONG = ("type", "action_id", "value", "text")
EMAIL, URL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), re.compile(r"https?://\S+")
REQUIRED = "Please complete this required field."


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of a block, wherever in it they stand."""
    inner = [block[part] for part in ("element", "accessory") if block.get(part)]
    return [*inner, *(block.get("elements", []) if block["type"] == "actions" else [])]


def find(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The block and the element with this action id. Raises SlackError when there is none."""
    for block in blocks:
        for element in elements_of(block):
            if element.get("action_id") == action_id and block_id in (None, block.get("block_id")):
                return block, element
    raise SlackError("no_such_element")


def action_of(block: Json, element: Json, chosen: Json, at: float) -> Json:
    """One entry of `actions` in a payload: the element, with what was chosen in it."""
    sent = {name: element[name] for name in SENT_ALONG if name in element and element["type"] in ("button", "overflow")}
    sent |= {"type": element["type"], "action_id": element["action_id"]}
    told = {key: _as_told(element, key, given) for key, given in chosen.items()}
    return {**sent, "block_id": block.get("block_id") or "b", "action_ts": f"{at:.6f}", **told}


def held(element: Json, given: Any) -> Json:
    """A value as `state.values` holds it. `given` is a text, an option's value or a list of them, a date, an id."""
    key = KEYS[element["type"]]
    return {"type": element["type"], key: _as_told(element, key, given)}


def initial(element: Json) -> Json:
    """What stands in an element that nobody touched."""
    key = KEYS[element["type"]]
    named = "initial_value" if key in ("value", "rich_text_value") else key.replace("selected", "initial")
    return {"type": element["type"], key: element.get(named)}


def state_of(blocks: list[Json], values: Json) -> Json:
    """`state.values`: every element that holds something or could, touched or not."""
    state: Json = {}
    for block in blocks:
        for element in elements_of(block):
            if element["type"] in KEYS:
                at = state.setdefault(block.get("block_id") or "b", {})
                at[element["action_id"]] = value_in(values, block, element)
    return state


def value_in(values: Json, block: Json, element: Json) -> Json:
    found: Json | None = values.get(block.get("block_id") or "b", {}).get(element["action_id"])
    return initial(element) if found is None else found


def problems(blocks: list[Json], values: Json) -> dict[str, str]:
    """What Slack's own client objects to before the app is asked, by block."""
    told = {}
    for block in blocks:
        if block["type"] == "input":
            value = value_in(values, block, block["element"])[KEYS[block["element"]["type"]]]
            if why := _problem(block, value):
                told[block["block_id"]] = why
    return told


def _problem(block: Json, value: Any) -> str | None:
    element = block["element"]
    if value in (None, "", []):
        return None if block.get("optional") else REQUIRED
    match element["type"]:
        case "email_text_input" if not EMAIL.fullmatch(value):
            return "Please enter a valid email address."
        case "url_text_input" if not URL.fullmatch(value):
            return "Please enter a valid URL."
        case "number_input":
            return _number_problem(element, value)
        case "plain_text_input" if len(value) < element.get("min_length", 0):
            return f"Please enter at least {element['min_length']} characters."
        case "plain_text_input" if len(value) > element.get("max_length", 3000):
            return f"Please enter at most {element.get('max_length', 3000)} characters."
    return None


def _number_problem(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if "." in value and not element.get("is_decimal_allowed"):
        return "Please enter a whole number."
    least, most = element.get("min_value"), element.get("max_value")
    if (least is not None and number < float(least)) or (most is not None and number > float(most)):
        if most is None:
            return f"Please enter a number of at least {least}."
        if least is None:
            return f"Please enter a number of at most {most}."
        return f"Please enter a number from {least} to {most}."
    return None


def options_of(element: Json) -> Iterator[Json]:
    for group in [element, *element.get("option_groups", [])]:
        yield from group.get("options", [])


def _as_told(element: Json, key: str, given: Any) -> Any:
    match key:
        case "selected_option" if isinstance(given, str):
            return _option(element, given)
        case "selected_options":
            return [_option(element, one) if isinstance(one, str) else one for one in given or []]
        case "rich_text_value" if isinstance(given, str):
            text = {"type": "text", "text": given}
            return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [text]}]}
        case "selected_date_time" if isinstance(given, str):
            return int(given)
    return given


def _option(element: Json, value: str) -> Json:
    found = next((option for option in options_of(element) if option["value"] == value), None)
    if found is None:
        raise SlackError("no_such_option")
    return found
