"""Turns the accounts of another service into lines for `signet account import`.

    python3 accounts.py auth0|keycloak|supabase|django FILE | signet account import -

FILE is the export of the service; docs/accounts.md says how to get it. Needs Python 3.9 and no
package. Prints a warning for each thing that an import cannot take over.
"""

import base64
import json
import sys
from datetime import datetime, timezone


def auth0(text):
    """The lines of the password hash export, or of the bulk user export without passwords."""
    for user in map(json.loads, text.splitlines()):
        yield {
            "email": user.get("email") or user.get("Email"),
            "email_verified": user.get("email_verified", user.get("Email Verified", False)),
            "name": user.get("name") or user.get("Name"),
            "created_at": user.get("created_at") or user.get("Created At"),
            "roles": (user.get("app_metadata") or {}).get("roles"),
            "password_hash": user.get("passwordHash"),
        }


def keycloak(text):
    """A realm export with users, or one of its files of users."""
    for user in json.loads(text)["users"]:
        found = {"id": user.get("id"), "email": user.get("email") or user["username"]}
        found["email_verified"] = user.get("emailVerified", False)
        names = [user.get("firstName"), user.get("lastName")]
        found["name"] = " ".join(filter(None, names)) or None
        if "createdTimestamp" in user:
            found["created_at"] = rfc3339(user["createdTimestamp"] / 1000)
        found["roles"] = user.get("realmRoles")
        if not user.get("enabled", True):
            found["status"] = "disabled"
        for credential in user.get("credentials", []):
            take_keycloak_credential(found, credential)
        yield found


def take_keycloak_credential(found, credential):
    secret = json.loads(credential["secretData"])
    data = json.loads(credential["credentialData"])
    if credential["type"] == "password":
        found["password_hash"] = keycloak_hash(secret, data)
    elif credential["type"] == "otp":
        usual = ("totp", 6, 30, "HmacSHA1")
        if (data.get("subType"), data.get("digits"), data.get("period"), data.get("algorithm")) == usual:
            key = secret["value"].encode()
            if data.get("secretEncoding") == "BASE32":
                key = base64.b32decode(secret["value"])
            found["totp"] = {"secret": base64.b32encode(key).decode()}
        else:
            warn(f"{found['email']}: the authenticator app has settings that Signet does not support")
    else:
        warn(f"{found['email']}: a credential of the type {credential['type']} is left out")


def keycloak_hash(secret, data):
    algorithm, iterations = data["algorithm"], data["hashIterations"]
    salt, value = (secret[name].rstrip("=") for name in ("salt", "value"))
    if algorithm == "argon2":
        more = {name: values[0] for name, values in data["additionalParameters"].items()}
        costs = f"m={more['memory']},t={iterations},p={more['parallelism']}"
        return f"$argon2{more['type']}$v=19${costs}${salt}${value}"
    names = {"pbkdf2": "pbkdf2"}
    return f"${names.get(algorithm, algorithm)}$i={iterations}${salt}${value}"


def supabase(text):
    """The lines of: copy (select row_to_json(u) from auth.users u) to stdout"""
    for user in map(json.loads, text.splitlines()):
        more = user.get("raw_user_meta_data") or {}
        yield {
            "id": user["id"],
            "email": user.get("email"),
            "email_verified_at": user.get("email_confirmed_at"),
            "name": more.get("full_name") or more.get("name"),
            "created_at": user.get("created_at"),
            "status": "disabled" if user.get("banned_until") else None,
            "password_hash": user.get("encrypted_password") or None,
        }


def django(text):
    """The output of: manage.py dumpdata auth.user"""
    for user in json.loads(text):
        fields = user["fields"]
        names = [fields.get("first_name"), fields.get("last_name")]
        is_usable = not fields["password"].startswith("!")
        roles = [role for role in ("staff", "superuser") if fields.get(f"is_{role}")]
        yield {
            "email": fields["email"],
            "name": " ".join(filter(None, names)) or None,
            "created_at": fields.get("date_joined"),
            "roles": roles,
            "status": None if fields.get("is_active", True) else "disabled",
            "password_hash": fields["password"] if is_usable and fields["password"] else None,
        }


def rfc3339(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")


def warn(message):
    print(message, file=sys.stderr)


SERVICES = {"auth0": auth0, "keycloak": keycloak, "supabase": supabase, "django": django}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in SERVICES:
        sys.exit(__doc__)
    with open(sys.argv[2], encoding="utf-8") as file:
        for account in SERVICES[sys.argv[1]](file.read()):
            print(json.dumps({name: value for name, value in account.items() if value not in (None, [])}))


main()
