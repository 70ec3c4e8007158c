"""Serve the page from the sandbox's own application."""

from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI
from nicegui import ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sandbox.page import texts
from sandbox.page.pane import HOME
from sandbox.page.window import Window, place_of
from sandbox.persons import Person
from sandbox.slack import Sandbox

HERE = Path(__file__).parent
RECONNECT_SECONDS = 30.0


def serve(sandbox: Sandbox, application: FastAPI) -> None:
    """Add the page to an application of the sandbox."""

    @application.get("/files/{file_id}/{_name:path}", include_in_schema=False)
    def file(file_id: str) -> Response:
        found = sandbox.workspace.files.get(file_id)
        if found is None or found.content is None:
            return PlainTextResponse("There is no such file.", 404)
        is_image = found.mimetype.startswith("image/") and "svg" not in found.mimetype
        kind = "inline" if is_image else "attachment"
        named = f"{kind}; filename*=UTF-8''{quote(found.name, safe='')}"
        headers = {"Content-Disposition": named, "X-Content-Type-Options": "nosniff"}
        return Response(found.content, media_type=found.mimetype, headers=headers)

    @ui.page("/", title=sandbox.workspace.name, response_timeout=10)
    async def page(request: Request) -> None:
        space, asked = sandbox.workspace, request.query_params
        if not space.users:
            ui.label(texts.NOBODY_HERE)
            return
        everybody = [u.id for u in space.users.values() if not u.deleted and not u.is_bot]
        first = sandbox.visitor if sandbox.visitor in everybody else everybody[0]
        users = [asked["as"] if asked.get("as") in everybody else first]
        users += [asked["with"]] if asked.get("with") in everybody else []
        wanted = [asked.get("at"), asked.get("with_at")]
        places = [place_of(sandbox, user, at) for user, at in zip(users, wanted, strict=False)]
        for user in users:
            space.stacks[user].clear()  # a modal does not outlive the client it was opened in
        sandbox.changed()
        ui.add_head_html(f"<style>{(HERE / 'style.css').read_text('utf-8')}</style>")
        ui.add_head_html(f"<script>{(HERE / 'page.js').read_text('utf-8')}</script>")
        Window(sandbox, users, places).build()
        for user, place in zip(users, places, strict=True):
            if place == HOME:
                await ui.context.client.connected()
                await Person(sandbox, user).open_home()

    ui.run_with(
        application,
        title=sandbox.workspace.name,
        tailwind=False,
        reconnect_timeout=RECONNECT_SECONDS,
        show_welcome_message=False,
    )
