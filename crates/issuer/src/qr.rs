//! QR codes as SVG images (ISO/IEC 18004). This module must not know what a code says.

use qrcode::render::svg::Color;
use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode};

/// Draws a QR code that shows `text`.
///
/// # Errors
///
/// [`QrError`] when the text is too long for a QR code.
pub(crate) fn svg(text: &str) -> Result<String, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let mut image = code.render::<Color<'_>>();
    // Cameras read dark on white best, so the colours of the page do not count.
    let image = image
        .min_dimensions(MIN_SIDE, MIN_SIDE)
        .dark_color(Color("#000000"))
        .light_color(Color("#ffffff"));
    Ok(image.build())
}

/// The smallest side of the image, in its own units.
const MIN_SIDE: u32 = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_svg_image_without_its_text() {
        let image = svg("otpauth://totp/x?secret=ABC").unwrap();
        assert!(image.contains("<svg") && image.ends_with("</svg>"));
        assert!(!image.contains("otpauth"));
    }

    #[test]
    fn a_text_that_is_too_long_is_an_error() {
        assert_eq!(svg(&"x".repeat(4_000)).err(), Some(QrError::DataTooLong));
    }
}
