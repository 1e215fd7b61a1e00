"""An authenticator app: PyOTP reads the address of a QR code and shows a code."""

import pyotp

from task import answer, task

app = pyotp.parse_uri(task["uri"])
answer(
    {
        "code": app.at(task["at"]),
        "secret": app.secret,
        "issuer": app.issuer,
        "name": app.name,
        "digits": app.digits,
        "interval": app.interval,
    }
)
