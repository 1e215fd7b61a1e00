//! What pages show of an authenticator app: its secret, the form for its first code, and the recovery
//! codes. Each is shown once, in the answer to a form.

use signet_core::second_factor::RecoveryCode;
use signet_flows::second_factor::TotpOffer;

use super::markup::{Field, Markup};
use super::words::Words;
use crate::error::{ApiError, ApiResult, Code};
use crate::qr;

impl Markup {
    /// Adds the secret of an app, as a QR code and as text.
    ///
    /// # Errors
    ///
    /// `internal_error` if the address of the app is too long for a QR code.
    pub(super) fn totp_offer(self, offer: &TotpOffer, words: &Words) -> ApiResult<Self> {
        let drawn = qr::svg(offer.uri.expose());
        let drawn = drawn.map_err(|error| ApiError::from(Code::InternalError).because(error))?;
        Ok(self
            .paragraph("lead", words.totp_scan)
            .raw("<div class=\"qr\" role=\"img\" aria-label=\"")
            .text(words.totp_qr)
            .raw("\">")
            .drawing(&drawn)
            .raw("</div>\n<p class=\"quiet\">")
            .text(words.totp_secret)
            .raw("<code>")
            .text(offer.secret.expose())
            .raw("</code></p>\n"))
    }

    /// Adds the field for a code of the app and the button that sends it, and ends the form.
    pub(super) fn app_code(self, words: &Words) -> Self {
        self.field(words.totp_code, &APP_CODE)
            .button(words.confirm)
            .raw("</form>\n")
    }

    /// Adds the recovery codes.
    pub(super) fn recovery_codes(self, codes: &[RecoveryCode], words: &Words) -> Self {
        let mut list = self
            .paragraph("lead", words.recovery_codes_lead)
            .raw("<ul class=\"codes\">\n");
        for code in codes {
            list = list
                .raw("<li><code>")
                .text(&code.expose())
                .raw("</code></li>\n");
        }
        list.raw("</ul>\n")
    }
}

const APP_CODE: Field<'static> = Field {
    name: "code",
    attributes: "autocomplete=\"one-time-code\" inputmode=\"numeric\" spellcheck=\"false\" \
                 maxlength=\"16\" required",
    value: "",
};
