"""A web app that signs people in by redirect with requests-oauth2client, which pushes its requests."""

from requests_oauth2client import ClientSecretBasic, InvalidGrant, OAuth2Client

from redirect_person import sign_in_at
from task import answer, task

# Without `testing` it takes https only. With the secret in the body it would push client_id twice.
client = OAuth2Client.from_discovery_endpoint(
    issuer=task["issuer"],
    auth=ClientSecretBasic(task["client_id"], task["secret"]),
    redirect_uri=task["redirect_uri"],
    testing=True,
)
request = client.authorization_request(scope="openid profile email pages:read")
pushed = client.pushed_authorization_request(request)
response = request.validate_callback(sign_in_at(pushed.uri))
granted = client.authorization_code(response)
granted.validate_id_token(client, response)
userinfo = client.userinfo(granted)
refused = {}
try:
    client.authorization_code(response)
except InvalidGrant as error:
    refused = {"error": error.error}
answer(
    {
        "granted": {"access_token": granted.access_token},
        "identity": granted.id_token.claims,
        "userinfo": userinfo,
        "refused": refused,
    }
)
