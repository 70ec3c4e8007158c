"""The home tab: what matters to a person now, made of what the other rooms can tell."""
