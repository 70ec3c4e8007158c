"""Slack's Web API: one function for each method. Each takes (sandbox, arguments) and returns what Slack would.

Every method is listed with the scope it needs; what a limit of Slack forbids is refused with Slack's own code.
"""

import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.errors import SlackError
from sandbox.limits import Problem, check_message, check_view
from sandbox.state import Channel, File, Message, View, new_view

if TYPE_CHECKING:
    from sandbox.slack import Sandbox

Json = dict[str, Any]
Method = Callable[["Sandbox", Json], Json]
METHODS: dict[str, tuple[str | None, Method]] = {}
MODAL_STACK = 3
SHARE_LAG = 0.5


def method(name: str, scope: str | None = None) -> Callable[[Method], Method]:
    def register(function: Method) -> Method:
        METHODS[name] = (scope, function)
        return function

    return register


def _need(arguments: Json, *names: str) -> list[str]:
    missing = [name for name in names if not arguments.get(name)]
    if missing:
        raise SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] missing {n}" for n in missing]})
    return [str(arguments[name]) for name in names]


def refuse(problems: list[Problem]) -> None:
    if problems:
        messages = [f"[ERROR] {p.why} [json-pointer:/{p.where}]" for p in problems]
        raise SlackError(problems[0].code, response_metadata={"messages": messages})


def refuse_unknown_files(sandbox: "Sandbox", blocks: list[Json]) -> None:
    """A block that shows a file of Slack needs one that was uploaded whole."""
    for block in blocks:
        shown = [block, block.get("accessory") or {}, *block.get("elements", [])]
        for told in (one.get("slack_file") for one in shown if isinstance(one, dict)):
            file = sandbox.workspace.files.get(str(told.get("id"))) if told and told.get("id") else None
            if told and (file is None or not file.completed):
                message = "[ERROR] invalid slack file [json-pointer:/blocks]"
                raise SlackError("invalid_blocks", response_metadata={"messages": [message]})


def _writable(sandbox: "Sandbox", channel_id: str) -> Channel:
    """The conversation, if the bot may write to it. A user's id stands for the direct conversation with them."""
    space = sandbox.workspace
    if channel_id.startswith(("U", "W")):
        return space.im_with(channel_id)
    channel = space.channel(channel_id)
    if space.bot_user in channel.members:
        return channel
    if channel.is_private:
        raise SlackError("channel_not_found")
    if "chat:write.public" not in space.scopes:
        raise SlackError("not_in_channel")
    return channel


@method("api.test")
def api_test(_sandbox: "Sandbox", _arguments: Json) -> Json:
    return {}


@method("apps.connections.open")
def apps_connections_open(sandbox: "Sandbox", _arguments: Json) -> Json:
    """Asked with the app-level token; see `sandbox/sockets.py`."""
    return {"url": sandbox.sockets.new_address()}


@method("auth.test")
def auth_test(sandbox: "Sandbox", _arguments: Json) -> Json:
    space = sandbox.workspace
    return {
        "url": f"https://{space.domain}.example/",
        "team": space.domain,
        "team_id": space.team,
        "user": "bot",
        "user_id": space.bot_user,
        "bot_id": "B" + space.bot_user[1:],
    }


@method("chat.postMessage", "chat:write")
def chat_post_message(sandbox: "Sandbox", arguments: Json) -> Json:
    (channel_id,) = _need(arguments, "channel")
    refuse(check_message(arguments))
    refuse_unknown_files(sandbox, arguments.get("blocks") or [])
    channel = _writable(sandbox, channel_id)
    thread_ts = arguments.get("thread_ts") or None
    if thread_ts:
        sandbox.workspace.message(channel.id, thread_ts)
    message = sandbox.say_as_bot(
        channel.id,
        text=arguments.get("text") or "",
        blocks=with_ids(arguments.get("blocks") or []),
        metadata=arguments.get("metadata") or None,
        thread_ts=thread_ts,
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.as_slack(sandbox.workspace.bot_user)}


@method("chat.update", "chat:write")
def chat_update(sandbox: "Sandbox", arguments: Json) -> Json:
    channel_id, ts = _need(arguments, "channel", "ts")
    refuse(check_message(arguments, update=True))
    refuse_unknown_files(sandbox, arguments.get("blocks") or [])
    message = sandbox.workspace.message(channel_id, ts)
    if message.user != sandbox.workspace.bot_user or message.ephemeral_to:
        raise SlackError("cant_update_message")
    # Omitting blocks while sending text removes them.
    message.change(arguments.get("text") or "", with_ids(arguments.get("blocks") or []))
    if arguments.get("metadata"):
        message.metadata = arguments["metadata"]
    message.edited = f"{sandbox.time.now():.6f}"
    return {"channel": channel_id, "ts": ts, "text": message.text}


@method("chat.delete", "chat:write")
def chat_delete(sandbox: "Sandbox", arguments: Json) -> Json:
    channel_id, ts = _need(arguments, "channel", "ts")
    message = sandbox.workspace.message(channel_id, ts)
    if message.user != sandbox.workspace.bot_user:
        raise SlackError("cant_delete_message")
    sandbox.workspace.messages[channel_id].remove(message)
    return {"channel": channel_id, "ts": ts}


@method("chat.postEphemeral", "chat:write")
def chat_post_ephemeral(sandbox: "Sandbox", arguments: Json) -> Json:
    channel_id, user = _need(arguments, "channel", "user")
    refuse(check_message(arguments))
    channel = _writable(sandbox, channel_id)
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = sandbox.whisper(channel.id, user, arguments.get("text") or "", arguments.get("blocks") or [])
    return {"message_ts": message.ts}


@method("chat.getPermalink")
def chat_get_permalink(sandbox: "Sandbox", arguments: Json) -> Json:
    channel_id, ts = _need(arguments, "channel", "message_ts")
    sandbox.workspace.message(channel_id, ts)
    place = f"{channel_id}/p{ts.replace('.', '')}"
    return {
        "channel": channel_id,
        "permalink": f"https://{sandbox.workspace.domain}.example/archives/{place}",
    }


@method("conversations.open", "im:write")
def conversations_open(sandbox: "Sandbox", arguments: Json) -> Json:
    (users,) = _need(arguments, "users")
    if sandbox.workspace.user(users).deleted:
        raise SlackError("user_disabled")
    return {"channel": {"id": sandbox.workspace.im_with(users).id}}


@method("conversations.info", "channels:read")
def conversations_info(sandbox: "Sandbox", arguments: Json) -> Json:
    (channel_id,) = _need(arguments, "channel")
    channel = sandbox.workspace.channel(channel_id)
    return {"channel": {**channel.as_slack(), "is_member": sandbox.workspace.bot_user in channel.members}}


@method("conversations.list", "channels:read")
def conversations_list(sandbox: "Sandbox", arguments: Json) -> Json:
    space = sandbox.workspace
    kinds = str(arguments.get("types") or "public_channel").split(",")
    if "private_channel" in kinds:
        sandbox.need_scope("groups:read")
    seen = [
        c
        for c in space.channels.values()
        if not c.is_im
        and ("private_channel" if c.is_private else "public_channel") in kinds
        and (not c.is_private or space.bot_user in c.members)
    ]
    page, cursor = _page(seen, arguments)
    told = [{**c.as_slack(), "is_member": space.bot_user in c.members} for c in page]
    return {"channels": told, "response_metadata": {"next_cursor": cursor}}


@method("conversations.members", "channels:read")
def conversations_members(sandbox: "Sandbox", arguments: Json) -> Json:
    (channel_id,) = _need(arguments, "channel")
    page, cursor = _page(sorted(sandbox.workspace.channel(channel_id).members), arguments)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


@method("conversations.join", "channels:join")
def conversations_join(sandbox: "Sandbox", arguments: Json) -> Json:
    (channel_id,) = _need(arguments, "channel")
    channel = sandbox.workspace.channel(channel_id)
    if channel.is_private or channel.is_im:
        raise SlackError("method_not_supported_for_channel_type")
    channel.members.add(sandbox.workspace.bot_user)
    return {"channel": channel.as_slack()}


@method("conversations.history")
def conversations_history(sandbox: "Sandbox", arguments: Json) -> Json:
    channel = _readable(sandbox, arguments)
    top = [m for m in _in_history(sandbox, channel, arguments) if m.thread_ts in (None, m.ts)]
    return _told(sandbox, list(reversed(top)), arguments)


@method("conversations.replies")
def conversations_replies(sandbox: "Sandbox", arguments: Json) -> Json:
    channel = _readable(sandbox, arguments)
    (ts,) = _need(arguments, "ts")
    if all(m.ts != ts for m in sandbox.workspace.messages[channel.id]):
        raise SlackError("thread_not_found")
    oldest = {k: v for k, v in arguments.items() if k != "oldest"}
    thread = [m for m in _in_history(sandbox, channel, oldest) if ts in (m.ts, m.thread_ts)]
    return _told(sandbox, thread, arguments)


def _readable(sandbox: "Sandbox", arguments: Json) -> Channel:
    (channel_id,) = _need(arguments, "channel")
    channel = sandbox.workspace.channel(channel_id)
    scope = "im:history" if channel.is_im else "groups:history" if channel.is_private else "channels:history"
    sandbox.need_scope(scope)
    if sandbox.workspace.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _in_history(sandbox: "Sandbox", channel: Channel, arguments: Json) -> list[Message]:
    now = sandbox.time.now()
    oldest = float(arguments.get("oldest") or 0)
    latest = float(arguments.get("latest") or "inf")
    return [
        m
        for m in sandbox.workspace.messages[channel.id]
        if m.ephemeral_to is None and m.visible_at <= now and oldest < float(m.ts) < latest
    ]


def _told(sandbox: "Sandbox", messages: list[Message], arguments: Json) -> Json:
    page, cursor = _page(messages, arguments)
    all_metadata = str(arguments.get("include_all_metadata", "")).lower() in ("1", "true")
    return {
        "messages": [m.as_slack(sandbox.workspace.bot_user, all_metadata=all_metadata) for m in page],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def _page(items: list[Any], arguments: Json) -> tuple[list[Any], str]:
    limit = min(int(arguments.get("limit") or 100), 1000)
    cursor = str(arguments.get("cursor") or 0)
    if not cursor.isdecimal():
        raise SlackError("invalid_cursor")
    begin = int(cursor)
    return items[begin : begin + limit], str(begin + limit) if begin + limit < len(items) else ""


@method("users.info", "users:read")
def users_info(sandbox: "Sandbox", arguments: Json) -> Json:
    (user,) = _need(arguments, "user")
    email = "users:read.email" in sandbox.workspace.scopes
    return {"user": sandbox.workspace.user(user).as_slack(sandbox.workspace.team, email=email)}


@method("users.lookupByEmail", "users:read.email")
def users_lookup_by_email(sandbox: "Sandbox", arguments: Json) -> Json:
    (email,) = _need(arguments, "email")
    for user in sandbox.workspace.users.values():
        if user.email.lower() == email.lower() and not user.deleted:
            return {"user": user.as_slack(sandbox.workspace.team, email=True)}
    raise SlackError("users_not_found")


@method("users.list", "users:read")
def users_list(sandbox: "Sandbox", arguments: Json) -> Json:
    page, cursor = _page(list(sandbox.workspace.users.values()), arguments)
    email = "users:read.email" in sandbox.workspace.scopes
    told = [u.as_slack(sandbox.workspace.team, email=email) for u in page]
    return {"members": told, "response_metadata": {"next_cursor": cursor}}


@method("views.open")
def views_open(sandbox: "Sandbox", arguments: Json) -> Json:
    user = sandbox.spend_trigger(arguments)
    payload = _checked_view(arguments, "modal")
    _new_external_id(sandbox, payload)
    view = new_view(user, payload)
    sandbox.workspace.stacks[user] = [view]
    return {"view": _as_slack(sandbox, view)}


@method("views.push")
def views_push(sandbox: "Sandbox", arguments: Json) -> Json:
    user = sandbox.spend_trigger(arguments)
    view = push_view(sandbox, user, _checked_view(arguments, "modal"))
    return {"view": _as_slack(sandbox, view)}


@method("views.update")
def views_update(sandbox: "Sandbox", arguments: Json) -> Json:
    view = sandbox.workspace.view(str(arguments.get("view_id")))
    if arguments.get("hash") and arguments["hash"] != view.hash:
        raise SlackError("hash_conflict")
    replace_view(view, _checked_view(arguments, view.payload["type"]))
    return {"view": _as_slack(sandbox, view)}


@method("views.publish")
def views_publish(sandbox: "Sandbox", arguments: Json) -> Json:
    (user,) = _need(arguments, "user_id")
    sandbox.workspace.user(user)
    payload = _checked_view(arguments, "home")
    refuse_unknown_files(sandbox, payload.get("blocks") or [])
    home = sandbox.workspace.homes.get(user)
    if home:
        replace_view(home, payload)
    else:
        home = sandbox.workspace.homes[user] = new_view(user, payload)
    return {"view": _as_slack(sandbox, home)}


def _new_external_id(sandbox: "Sandbox", payload: Json) -> None:
    views = [view for stack in sandbox.workspace.stacks.values() for view in stack]
    if payload.get("external_id") and payload["external_id"] in [v.payload.get("external_id") for v in views]:
        raise SlackError("duplicate_external_id")


def push_view(sandbox: "Sandbox", user: str, payload: Json) -> View:
    stack = sandbox.workspace.stacks[user]
    if len(stack) >= MODAL_STACK:
        raise SlackError("push_limit_reached")
    view = new_view(user, payload, stack[-1] if stack else None)
    stack.append(view)
    return view


def replace_view(view: View, payload: Json) -> None:
    """New content; what the person typed stays in the inputs that keep their block and action ids."""
    kept = {(str(b.get("block_id")), e.get("action_id")) for b in payload.get("blocks", []) for e in _elements(b)}
    view.payload, view.hash, view.errors = payload, secrets.token_hex(4), {}
    view.values = {
        block: {action: value for action, value in values.items() if (block, action) in kept}
        for block, values in view.values.items()
    }


def _elements(block: Json) -> list[Json]:
    return [*block.get("elements", []), *(block[part] for part in ("element", "accessory") if block.get(part))]


def checked(view: Json, kind: str) -> Json:
    if view.get("type") != kind:
        raise SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] not a {kind}"]})
    problems = check_view(view)
    if problems:
        refuse([Problem("invalid_arguments", p.where, p.why) for p in problems])
    return {**view, "blocks": with_ids(view.get("blocks", []))}


def with_ids(blocks: list[Json]) -> list[Json]:
    """Blocks without an id get one, as Slack does."""
    return [{**b, "block_id": b.get("block_id") or secrets.token_hex(3)} for b in blocks]


def _checked_view(arguments: Json, kind: str) -> Json:
    return checked(arguments.get("view") or {}, kind)


def _as_slack(sandbox: "Sandbox", view: View) -> Json:
    return view.as_slack(sandbox.workspace.team, sandbox.workspace.bot_user)


@method("reactions.add", "reactions:write")
def reactions_add(sandbox: "Sandbox", arguments: Json) -> Json:
    channel_id, ts, name = _need(arguments, "channel", "timestamp", "name")
    users = sandbox.workspace.message(channel_id, ts).reactions.setdefault(name, [])
    if sandbox.workspace.bot_user in users:
        raise SlackError("already_reacted")
    users.append(sandbox.workspace.bot_user)
    return {}


@method("reactions.remove", "reactions:write")
def reactions_remove(sandbox: "Sandbox", arguments: Json) -> Json:
    channel_id, ts, name = _need(arguments, "channel", "timestamp", "name")
    reactions = sandbox.workspace.message(channel_id, ts).reactions
    if sandbox.workspace.bot_user not in reactions.get(name, []):
        raise SlackError("no_reaction")
    reactions[name].remove(sandbox.workspace.bot_user)
    if not reactions[name]:
        del reactions[name]
    return {}


@method("reactions.get", "reactions:read")
def reactions_get(sandbox: "Sandbox", arguments: Json) -> Json:
    channel_id, ts = _need(arguments, "channel", "timestamp")
    message = sandbox.workspace.message(channel_id, ts)
    return {"channel": channel_id, "message": message.as_slack(sandbox.workspace.bot_user)}


@method("files.getUploadURLExternal", "files:write")
def files_get_upload_url(sandbox: "Sandbox", arguments: Json) -> Json:
    (name,) = _need(arguments, "filename")
    length = int(arguments.get("length") or 0)
    if length <= 0:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] length must be over 0"]})
    file = File("F" + secrets.token_hex(5).upper(), name, length)
    sandbox.workspace.files[file.id] = file
    return {"upload_url": f"{sandbox.base_url}/upload/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write")
def files_complete_upload(sandbox: "Sandbox", arguments: Json) -> Json:
    """Completes at once, and shares a moment later, as Slack does: the message is not there when this returns."""
    named = arguments.get("files") or []
    files = [sandbox.workspace.files.get(str(entry.get("id"))) for entry in named]
    ready = [file for file in files if file and file.content is not None and not file.completed]
    if not named or len({file.id for file in ready}) != len(named):
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] unknown or used file"]})
    asked = [arguments.get("channel_id") or "", *str(arguments.get("channels") or "").split(",")]
    channels = [_writable(sandbox, channel).id for channel in asked if channel]
    for file, entry in zip(ready, named, strict=True):
        file.completed, file.title = True, entry.get("title") or file.name
    for channel in channels:
        sandbox.time.later(SHARE_LAG, partial(_share, sandbox, ready, channel, arguments))
    return {"files": [file.as_slack() for file in ready]}


def _share(sandbox: "Sandbox", files: list[File], channel_id: str, arguments: Json) -> None:
    for file in files:
        file.shared_in.append(channel_id)
    message = sandbox.say_as_bot(
        channel_id,
        text=arguments.get("initial_comment") or "",
        blocks=[],
        metadata=None,
        thread_ts=arguments.get("thread_ts") or None,
    )
    message.files = [file.as_slack() for file in files]


@method("files.delete", "files:write")
def files_delete(sandbox: "Sandbox", arguments: Json) -> Json:
    """A bot may delete only what it uploaded; here every completed file is its own."""
    file = sandbox.workspace.files.get(str(arguments.get("file")))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    del sandbox.workspace.files[file.id]
    return {}


@method("files.info", "files:read")
def files_info(sandbox: "Sandbox", arguments: Json) -> Json:
    file = sandbox.workspace.files.get(str(arguments.get("file")))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    return {"file": {**file.as_slack(), "channels": file.shared_in}}
