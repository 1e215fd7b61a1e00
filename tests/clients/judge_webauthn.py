"""A second judge of passkey ceremonies: what the library webauthn makes of them.

A step-up is not among them: its credential is inside a proof."""

import json

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from task import answer, task


def challenge_of(credential):
    data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    return base64url_to_bytes(data["challenge"])


def common(credential):
    return {
        "credential": credential,
        "expected_challenge": challenge_of(credential),
        "expected_rp_id": task["rp_id"],
        "expected_origin": task["origin"],
        "require_user_verification": True,
    }


def judge(credential, known):
    """What the library says of a ceremony; `known` holds the key of the passkey."""
    if "attestationObject" in credential["response"]:
        passkey = verify_registration_response(**common(credential))
        known["key"] = passkey.credential_public_key
        known["counter"] = passkey.sign_count
        same_id = bytes_to_base64url(passkey.credential_id) == credential["id"]
        return ["registered", same_id, passkey.credential_device_type.value]
    used = verify_authentication_response(
        **common(credential),
        credential_public_key=known["key"],
        credential_current_sign_count=known["counter"],
    )
    known["counter"] = used.new_sign_count
    return ["proved", used.user_verified, used.credential_device_type.value]


def verdict(credential, known):
    try:
        return judge(credential, known)
    except Exception as error:  # the library has several
        return [type(error).__name__]


verdicts = {}
for name, ceremonies in task["ceremonies"].items():
    known = {}
    verdicts[name] = [[it["status"], *verdict(it["credential"], known)] for it in ceremonies]
answer(verdicts)
