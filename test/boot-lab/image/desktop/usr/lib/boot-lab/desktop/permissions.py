"""Permissions files of DCV, as its administrator guide describes them ("Understanding permissions files")."""

import grp
import re

FEATURES = frozenset(
    "audio-in audio-out clipboard-copy clipboard-paste display extensions-client extensions-server file-download file-upload gamepad"
    " keyboard keyboard-sas mouse pointer printer screenshot smartcard stylus touch unsupervised-access usb webauthn-redirection webcam".split()
)


def granted(text, user, owner):
    """Features that a user has. Later rules override earlier ones, but for `deny`. Raises ValueError on what is no such file."""
    groups, aliases, rules = read(text)
    allowed, denied = set(), set()
    for actor, rule, names in rules:
        if not is_member(actor, user, owner, groups):
            continue
        features = set().union(*(resolve(name, aliases) for name in names))
        if rule == "allow":
            allowed |= features
        else:
            allowed -= features
        if rule == "deny":
            denied |= features
    return allowed - denied


def read(text):
    groups, aliases, rules, section = {}, {}, [], ""
    for line in text.splitlines():
        line = line.strip()
        if line == "" or line.startswith(("#", ";")):
            continue
        if match := re.fullmatch(r"\[(groups|aliases|permissions)\]", line):
            section = match[1]
        elif section == "permissions" and (match := re.fullmatch(r"(\S+)\s+(allow|disallow|deny)\s+(.+)", line)):
            rules.append((match[1], match[2], match[3].split()))
        elif section in ("groups", "aliases") and (match := re.fullmatch(r"([^=\s]+)\s*=\s*(.*)", line)):
            (groups if section == "groups" else aliases)[match[1]] = [member.strip() for member in match[2].split(",")]
        elif section != "" or not line.startswith("#import"):
            raise ValueError(f"permissions file: {line}")
    return groups, aliases, rules


def resolve(name, aliases):
    if name == "builtin":
        return set(FEATURES)
    if name in aliases:
        return set().union(*(resolve(member, aliases) for member in aliases[name]))
    if name not in FEATURES:
        raise ValueError(f"permissions file: no feature {name}")
    return {name}


def is_member(actor, user, owner, groups):
    if actor == "%any%":
        return True
    if actor == "%owner%":
        return user == owner
    if actor.startswith("group:"):
        return any(is_member(member, user, owner, groups) for member in groups.get(actor[6:], []))
    if actor.startswith("osgroup:"):
        try:
            return user in grp.getgrnam(actor[8:]).gr_mem
        except KeyError:
            return False
    return user == actor.removeprefix("user:")
