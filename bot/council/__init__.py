"""The council: the week's facts for both teams, the digest, the agenda, decisions that are followed up."""
