//! Finds the token in a request (RFC 6750 section 2.1). Must not know any framework.

use crate::error::Error;

/// Returns the token in the values of a request's `Authorization` headers.
///
/// The case of the scheme does not matter, and several spaces may follow it (RFC 9110 section 11.4). A
/// request with another scheme counts as one without a token. Query parameters and form fields are ignored.
///
/// ```
/// # use signet_verifier::{Error, bearer_token};
/// assert_eq!(bearer_token(["Bearer abc"]), Ok("abc"));
/// assert_eq!(bearer_token(["bearer  abc"]), Ok("abc"));
/// assert_eq!(bearer_token(["Basic abc"]), Err(Error::TokenMissing));
/// assert_eq!(bearer_token(["Bearer abc", "Bearer def"]), Err(Error::SeveralCredentials));
/// ```
///
/// # Errors
/// [`Error::TokenMissing`] without a bearer token. [`Error::SeveralCredentials`] with two
/// headers, whatever their values: a proxy may have checked the other one.
pub fn bearer_token<'a, V>(authorization: impl IntoIterator<Item = &'a V>) -> Result<&'a str, Error>
where
    V: AsRef<[u8]> + ?Sized + 'a,
{
    let mut values = authorization.into_iter();
    let value = values.next().ok_or(Error::TokenMissing)?.as_ref();
    if values.next().is_some() {
        return Err(Error::SeveralCredentials);
    }
    let (scheme, rest) = value
        .split_at_checked(SCHEME.len())
        .ok_or(Error::TokenMissing)?;
    match rest.split_first() {
        _ if !scheme.eq_ignore_ascii_case(SCHEME) => Err(Error::TokenMissing),
        Some((b' ', token)) => {
            let token = std::str::from_utf8(token).map_err(|_| Error::NotBase64url)?;
            Ok(token.trim_start_matches(' '))
        }
        Some(_) | None => Err(Error::TokenMissing),
    }
}

const SCHEME: &[u8] = b"Bearer";
