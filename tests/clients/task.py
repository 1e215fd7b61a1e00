"""What the programs of this folder share: one JSON document comes in, one goes out."""

import json
import sys

import requests

task = json.load(sys.stdin)


def discover():
    """The metadata of the issuer, found where OpenID Connect Discovery says."""
    return requests.get(f"{task['issuer']}/.well-known/openid-configuration", timeout=10).json()


def name_of(error):
    """What is wrong, in the words of the library."""
    return " ".join(filter(None, [type(error).__name__, getattr(error, "claim", None)]))


def answer_verdicts(verify, reason=name_of):
    """Answers with what becomes of each token: whose it is, if `verify` gives its claims, or why
    it was refused, as `reason` reads it from what `verify` raises."""
    verdicts = {}
    for name, token in task["tokens"].items():
        try:
            verdicts[name] = f"accepted: {verify(token)['sub']}"
        except Exception as error:  # each library has its own
            verdicts[name] = reason(error)
    answer(verdicts)


def answer(result):
    """Ends the program with its result."""
    json.dump(result, sys.stdout)
