//! Request bodies: JSON of at most 16 KiB that arrives in time.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, EXPECT};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use zeroize::Zeroizing;

use super::fields::{Fields, FromFields};
use crate::error::{ApiError, ApiResult, Code};

/// A request made from a JSON body. `Option<JsonBody<T>>` lets the body be left out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JsonBody<T>(pub T);

/// The longest request body, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;

impl<T: FromFields, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> ApiResult<Self> {
        let (parts, body) = request.into_parts();
        require_json(&parts.headers)?;
        from_bytes(&read_body(&parts.headers, body).await?)
    }
}

impl<T: FromFields, S: Send + Sync> OptionalFromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> ApiResult<Option<Self>> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(&parts.headers, body).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        require_json(&parts.headers)?;
        from_bytes(&bytes).map(Some)
    }
}

fn from_bytes<T: FromFields>(bytes: &[u8]) -> ApiResult<JsonBody<T>> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| ApiError::from(Code::InvalidRequest).detail("the body must be UTF-8"))?;
    Fields::read(text)?.parse().map(JsonBody)
}

fn require_json(headers: &HeaderMap) -> ApiResult<()> {
    if has_media_type(headers, "application/json") {
        Ok(())
    } else {
        Err(Code::UnsupportedMediaType.into())
    }
}

/// Whether the headers declare a body of this type, in UTF-8 and not compressed. JSON and forms
/// define no parameter (RFC 8259 section 11), but many clients add `charset=utf-8`.
pub(crate) fn has_media_type(headers: &HeaderMap, essence: &str) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let is_right = match (types.next().map(|value| value.to_str()), types.next()) {
        (Some(Ok(text)), None) => is_media_type(text, essence),
        _ => false,
    };
    let is_plain = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    is_right && is_plain
}

fn is_media_type(text: &str, wanted: &str) -> bool {
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case(wanted)
        && parts.all(|parameter| {
            parameter.is_empty()
                || ["charset=utf-8", "charset=\"utf-8\""]
                    .iter()
                    .any(|known| parameter.eq_ignore_ascii_case(known))
        })
}

/// Reads a whole body.
///
/// # Errors
///
/// `body_too_large`, `request_timeout`, or `invalid_request` if it ends early.
pub(crate) async fn read_body(headers: &HeaderMap, body: Body) -> ApiResult<Zeroizing<Vec<u8>>> {
    // The first read would ask for a body that is refused (RFC 9110 section 10.1.1).
    if waits_for_consent(headers) && body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(Code::BodyTooLarge.into());
    }
    match tokio::time::timeout(BODY_TIMEOUT, collect(body)).await {
        Ok(bytes) => bytes,
        Err(_) => Err(Code::RequestTimeout.into()),
    }
}

/// Whether the client sends the body only after it is told to.
fn waits_for_consent(headers: &HeaderMap) -> bool {
    let expected = headers.get(EXPECT);
    expected.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Reads for a while after the body has become too long: if the connection closed while the client
/// still writes, the client would see a reset instead of the answer.
async fn collect(mut body: Body) -> ApiResult<Zeroizing<Vec<u8>>> {
    if body.size_hint().lower() > MAX_DRAINED_BYTES {
        return Err(Code::BodyTooLarge.into());
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(FIRST_CAPACITY));
    let mut length: u64 = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            ApiError::from(Code::InvalidRequest)
                .detail("the body ended early")
                .because(error)
        })?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        length = length.saturating_add(data.len() as u64);
        if length <= MAX_BODY_BYTES as u64 {
            bytes.extend_from_slice(data);
        } else if length > MAX_DRAINED_BYTES {
            break;
        }
    }
    if length > MAX_BODY_BYTES as u64 {
        return Err(Code::BodyTooLarge.into());
    }
    Ok(bytes)
}

/// How long a body may take to arrive: enough for 16 KiB on a slow connection.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// How much of a too long body is read before the connection is closed.
const MAX_DRAINED_BYTES: u64 = 1024 * 1024;
/// Most bodies are shorter, so the buffer does not grow and leaves no copy of a password in memory.
const FIRST_CAPACITY: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::fields::secret;
    use signet_core::secret::SecretText;

    #[derive(Debug)]
    struct Note(SecretText);

    impl FromFields for Note {
        fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
            fields.required("note", secret).map(Self)
        }
    }

    fn request(content_type: &str, body: impl Into<Body>) -> Request {
        let builder = Request::builder().method("POST");
        builder
            .header(CONTENT_TYPE, content_type)
            .body(body.into())
            .unwrap()
    }

    async fn read_note(request: Request) -> ApiResult<JsonBody<Note>> {
        <JsonBody<Note> as FromRequest<()>>::from_request(request, &()).await
    }

    async fn read_optional(request: Request) -> ApiResult<Option<JsonBody<Note>>> {
        <JsonBody<Note> as OptionalFromRequest<()>>::from_request(request, &()).await
    }

    async fn code(request: Request) -> Code {
        read_note(request).await.unwrap_err().code()
    }

    #[tokio::test]
    async fn json_is_read_with_and_without_charset() {
        for content_type in ["application/json", "Application/JSON; charset=UTF-8"] {
            let request = request(content_type, r#"{"note":"x"}"#);
            let JsonBody(Note(text)) = read_note(request).await.unwrap();
            assert_eq!(text.expose(), "x");
        }
    }

    #[tokio::test]
    async fn another_content_type_is_415() {
        for content_type in [
            "",
            "text/plain",
            "application/jsonp",
            "application/json; charset=latin1",
        ] {
            let code = code(request(content_type, r#"{"note":"x"}"#)).await;
            assert_eq!(code, Code::UnsupportedMediaType, "{content_type}");
        }
        let mut compressed = request("application/json", r#"{"note":"x"}"#);
        let headers = compressed.headers_mut();
        headers.insert(CONTENT_ENCODING, "gzip".parse().unwrap());
        assert_eq!(code(compressed).await, Code::UnsupportedMediaType);
    }

    #[tokio::test]
    async fn sixteen_kibibytes_are_the_limit() {
        let fitting = format!(r#"{{"note":"{}"}}"#, "x".repeat(MAX_BODY_BYTES - 11));
        let too_long = format!(r#"{{"note":"{}"}}"#, "x".repeat(MAX_BODY_BYTES - 10));
        let request_of = |text: String| request("application/json", text);
        assert!(read_note(request_of(fitting)).await.is_ok());
        assert_eq!(code(request_of(too_long)).await, Code::BodyTooLarge);
        let huge = "x".repeat(3 * 1024 * 1024);
        assert_eq!(code(request_of(huge)).await, Code::BodyTooLarge);
    }

    #[tokio::test]
    async fn invalid_utf8_is_an_invalid_request() {
        let body = b"{\"note\":\"\xff\"}".to_vec();
        assert_eq!(
            code(request("application/json", body)).await,
            Code::InvalidRequest
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_arrive_is_408() {
        let never =
            Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
        assert_eq!(
            code(request("application/json", never)).await,
            Code::RequestTimeout
        );
    }

    #[tokio::test]
    async fn a_body_may_be_left_out_where_the_handler_says_so() {
        let none = request("text/plain", Body::empty());
        assert!(read_optional(none).await.unwrap().is_none());
        let foreign = request("text/plain", "note=x");
        let refused = read_optional(foreign).await.unwrap_err();
        assert_eq!(refused.code(), Code::UnsupportedMediaType);
    }
}
