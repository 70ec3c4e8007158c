"""A working day of a small company, played against the local Slack: `tandem demo`.

`story` is the company and its day, `stage` the processes it is played on, `play` what happens, `transcript` what is
printed. It talks to Tandem and to the sandbox as anybody would: over HTTP, in processes of their own.
"""
