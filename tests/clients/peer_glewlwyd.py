"""A peer that is measured: glewlwyd with SQLite, which serves until its standard input ends.

The arguments are the program and an empty folder. The first line it writes says where it serves.
The client `reports` gets tokens by client_credentials, with an RSA-2048 key.
"""

import gzip
import json
import pathlib
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request


def packaged(name):
    """The file or folder of the package: beside the program, or in the unpacked package."""
    roots = [program.parent.parent / "root", pathlib.Path("/")]
    return next(path for path in (root / "usr" / name for root in roots) if path.exists())


def make_database():
    """What the package makes when it is installed."""
    script = packaged("share/doc/glewlwyd/database/init.sqlite3.sql.gz")
    database = sqlite3.connect(folder / "glewlwyd.db")
    database.executescript(gzip.decompress(script.read_bytes()).decode())
    database.close()


def write_configuration(port):
    modules = packaged("lib/glewlwyd")
    (folder / "glewlwyd.conf").write_text(f"""
port={port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:{port}"
login_url="login.html"
api_prefix="api"
log_mode="console"
log_level="ERROR"
cookie_secure=0
session_key="SESSION"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{modules}/user"
user_middleware_module_path="{modules}/user_middleware"
client_module_path="{modules}/client"
user_auth_scheme_module_path="{modules}/scheme"
plugin_module_path="{modules}/plugin"
hash_algorithm="SHA512"
database = {{ type = "sqlite3" path = "{folder}/glewlwyd.db" }};
""")


def call(path, body, cookie=""):
    """Sends JSON, and returns the cookie of the answer."""
    request = urllib.request.Request(f"{address}/api/{path}", json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    request.add_header("Cookie", cookie)
    try:
        with urllib.request.urlopen(request) as answer:
            return (answer.headers["Set-Cookie"] or "").split(";")[0]
    except urllib.error.HTTPError as error:
        sys.exit(f"{path}: {error.code} {error.read().decode()}")


def configure():
    """A plugin that signs, and a client; the password is that of a new installation."""
    admin = call("auth/", {"username": "admin", "password": "password"})
    rsa = ["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
    private = subprocess.run(rsa, check=True, capture_output=True, text=True).stdout
    public = ["openssl", "pkey", "-pubout"]
    public = subprocess.run(public, input=private, check=True, capture_output=True, text=True)
    parameters = {
        "iss": address,
        "jwt-type": "rsa",
        "jwt-key-size": "256",
        "key": private,
        "cert": public.stdout,
        "access-token-duration": 600,
        "refresh-token-duration": 86400,
        "code-duration": 600,
        "allow-non-oidc": True,
        "auth-type-client-enabled": True,
    }
    plugin = {"module": "oidc", "name": "oidc", "display_name": "oidc", "parameters": parameters}
    call("mod/plugin/", plugin | {"order_rank": 0}, admin)
    call("scope/", {"name": "orders", "display_name": "orders", "description": "orders"}, admin)
    client = {
        "client_id": "reports",
        "name": "reports",
        "confidential": True,
        "enabled": True,
        "password": "known-to-the-bench",
        "authorization_type": ["client_credentials"],
        "token_endpoint_auth_method": ["client_secret_basic"],
        "scope": ["orders"],
    }
    call("client/", client, admin)


def free_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def wait_until_served(server):
    while server.poll() is None:
        try:
            return urllib.request.urlopen(f"{address}/config").close()
        except urllib.error.URLError:
            time.sleep(0.05)
    sys.exit("glewlwyd has ended")


program, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
port = free_port()
address = f"http://127.0.0.1:{port}"
make_database()
write_configuration(port)
with subprocess.Popen([program, "--config-file", folder / "glewlwyd.conf"], stdout=sys.stderr) as glewlwyd:
    try:
        wait_until_served(glewlwyd)
        configure()
        print(f"127.0.0.1:{port}", flush=True)
        sys.stdin.read()
    finally:
        glewlwyd.kill()
