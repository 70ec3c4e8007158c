"""Where one writes: messages, and commands, which are completed while one types."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from nicegui import events, ui
from nicegui.element import Element

from sandbox.errors import SlackError
from sandbox.page import texts
from sandbox.page.html import tag
from sandbox.persons import Person
from sandbox.slack import Sandbox
from sandbox.state import Command

KEYS = """(event) => {
  const field = event.target, open = field.getAttribute('aria-expanded') === 'true';
  const moves = ['ArrowUp', 'ArrowDown', 'Tab', 'Escape'].includes(event.key) && open && !event.shiftKey;
  if (moves || (event.key === 'Enter' && !event.shiftKey && !event.isComposing)) {
    event.preventDefault();
    emit({key: event.key, text: field.value});
  }
}"""
VALUE_OF = "(event) => emit(event.target.value)"


@dataclass
class Composer:
    """Of one conversation or thread."""

    sandbox: Sandbox
    user: str
    channel: str
    name: str
    thread: str | None = None
    drafts: dict[tuple[str, str | None], str] = field(default_factory=dict)  # what was begun, by channel and thread
    _found: list[Command] = field(default_factory=list)
    _at: int = 0

    def build(self) -> None:
        with tag("div", "composer"):
            self._list = tag("div", "commands", role="listbox", aria_label=texts.COMMANDS)
            with tag("div", "writing"):
                self._field = tag(
                    "textarea",
                    "",
                    rows="1",
                    placeholder=texts.write_to(self.name),
                    aria_label=texts.write_to(self.name),
                    role="combobox",
                    aria_expanded="false",
                    aria_controls=f"c{self._list.id}",
                    **{".defaultValue": self.drafts.get((self.channel, self.thread), "")},
                )
                self._field.on("input", self._typed, js_handler=VALUE_OF)
                self._field.on("keydown", self._key, js_handler=KEYS)
                with tag("button", "send", type="button", aria_label=texts.SEND) as send:
                    ui.html("➤", sanitize=False, tag="span")
                js = f"() => emit({{key: 'Enter', text: getHtmlElement({self._field.id}).value}})"
                send.on("click", self._key, js_handler=js)
                self._shortcuts()

    # -- commands ------------------------------------------------------------------------------------------------

    def _typed(self, event: events.GenericEventArguments) -> None:
        self.drafts[self.channel, self.thread] = str(event.args)
        self._offer(str(event.args))

    def _offer(self, text: str) -> None:
        """Commands that begin as what is typed; none once there is a space, and their arguments begin."""
        commands = self.sandbox.workspace.commands.values()
        typing = text.startswith("/") and " " not in text and not self.thread
        self._found = sorted((c for c in commands if c.name.startswith(text)), key=lambda c: c.name) if typing else []
        self._at = 0
        self._show()

    def _show(self) -> None:
        self._list.clear()
        with self._list:
            for number, command in enumerate(self._found):
                self._option(number, command)
        self._field.props["aria-expanded"] = "true" if self._found else "false"
        active = f"command-{self._field.id}-{self._at}" if self._found else ""
        self._field.props["aria-activedescendant"] = active

    def _option(self, number: int, command: Command) -> Element:
        chosen = number == self._at
        option = tag(
            "div",
            "command chosen" if chosen else "command",
            role="option",
            id=f"command-{self._field.id}-{number}",
            aria_selected="true" if chosen else "false",
        )
        with option:
            tag("b", "", command.name)
            tag("span", "hint", command.usage_hint)
            tag("span", "about", command.description)
        return option.on("mousedown.prevent", lambda: self._complete(command))

    def _complete(self, command: Command) -> None:
        self._put(f"{command.name} ")
        self._offer("")

    def _put(self, text: str) -> None:
        self.drafts[self.channel, self.thread] = text
        ui.run_javascript(f"put({self._field.id}, {json.dumps(text)})")

    # -- keys ----------------------------------------------------------------------------------------------------

    async def _key(self, event: events.GenericEventArguments) -> None:
        key, text = event.args["key"], str(event.args["text"])
        chosen = self._found[self._at] if self._found else None
        match key:
            case "Escape":
                self._offer("")
            case "ArrowUp" | "ArrowDown":
                step = 1 if key == "ArrowDown" else -1
                self._at = (self._at + step) % len(self._found) if self._found else 0
                self._show()
            case "Enter" | "Tab" if chosen and (chosen.name != text or key == "Tab"):
                self._complete(chosen)
            case "Enter" if text.strip():
                self._put("")
                self._offer("")
                await self._send(text.strip())
                ui.run_javascript(f"toNewest({self._field.id})")

    async def _send(self, text: str) -> None:
        person = Person(self.sandbox, self.user)
        word, _, rest = text.partition(" ")
        if not text.startswith("/") or self.thread:
            await person.say(text, self.channel, self.thread)
            return
        try:
            await person.command(word, rest.strip(), self.channel)
        except SlackError:
            told = texts.UNKNOWN_COMMAND.format(word)
            self.sandbox.whisper(self.channel, self.user, told, [], sender="USLACKBOT")

    # -- shortcuts -----------------------------------------------------------------------------------------------

    def _shortcuts(self) -> None:
        every = [s for s in self.sandbox.workspace.shortcuts.values() if s.type == "global"]
        if not every:
            return
        with tag("button", "send", type="button", aria_label=texts.SHORTCUTS, aria_haspopup="menu"):
            ui.html("⚡", sanitize=False, tag="span")
            with ui.menu():
                for shortcut in every:
                    ui.menu_item(shortcut.name, self._starter(shortcut.callback_id))

    def _starter(self, callback_id: str) -> Callable[[], Awaitable[Any]]:
        async def start() -> None:
            await Person(self.sandbox, self.user).shortcut(callback_id)

        return start
