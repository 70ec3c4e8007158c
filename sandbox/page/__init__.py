"""The page: the workspace in a browser, as any of its people.

`app` serves it; `pane` is one person's client, made of a `sidebar`, a `conversation` with its `composer`, the `home`
tab and the `modal` on top; `message` and `blocks` draw what stands there, `elements` what one can use; `mrkdwn`, `rich`
and `dates` are the pure part: texts of Slack to HTML. What a person does goes through `sandbox.persons`, as it does
for the control API.
"""
