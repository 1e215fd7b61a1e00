//! The checks of the claims, in a fixed order, as a pure function of (claims, policy, now). Must
//! not know keys and signatures.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::claims::Claims;
use crate::clock::Timestamp;
use crate::error::Error;
use crate::json::{Object, WrongType, text};
use crate::jws::read_claims;
use crate::policy::Policy;
#[cfg(feature = "status")]
use crate::status::StatusClaim;

/// Parses claims and checks them. The first failed check is the error.
pub(crate) fn check_claims<Extra: DeserializeOwned>(
    payload: &[u8],
    policy: &Policy,
    now: Timestamp,
) -> Result<Claims<Extra>, Error> {
    let mut object = read_claims(payload)?;
    let ours = |iss| text(iss).filter(|iss| *iss == policy.issuer);
    let iss = required(object.take_with("iss", ours), Error::IssuerMismatch)?;
    let aud = check_audience(&mut object, policy)?;
    let (exp, iat, nbf) = check_times(&mut object, policy, now)?;
    let subject = |sub| text(sub).filter(|sub| !sub.is_empty());
    let sub = required(object.take_with("sub", subject), Error::SubjectMissing)?;
    if object.contains("cnf") && !policy.sender_constrained {
        return Err(Error::SenderConstrained);
    }
    #[cfg(feature = "status")]
    let status = StatusClaim::of(&object);
    let claims = Claims {
        iss,
        sub,
        aud,
        exp,
        iat,
        nbf,
        jti: object.take_with("jti", text)?,
        client_id: object.take_with("client_id", text)?,
        sid: object.take_with("sid", text)?,
        scope: object.take_with("scope", text)?.unwrap_or_default(),
        roles: object.take("roles")?.unwrap_or_default(),
        auth_time: take_date(&mut object, "auth_time")?,
        amr: object.take("amr")?.unwrap_or_default(),
        act: object.take("act")?,
        cnf: object.take("cnf")?,
        #[cfg(feature = "status")]
        status,
        extra: object.into_rest()?,
    };
    check_sign_in(&claims, policy, now)?;
    check_permissions(&claims, policy)?;
    Ok(claims)
}

/// Returns `aud`, which is a string or an array of strings (RFC 7519 section 4.1.3).
fn check_audience(object: &mut Object<'_>, policy: &Policy) -> Result<Vec<String>, Error> {
    let one_or_many = |aud| match text(aud) {
        Some(one) => Some(vec![one]),
        None => Vec::deserialize(aud).ok(),
    };
    let is_ours = |aud: &Vec<_>| policy.accepts_audience(aud);
    let aud = object.take_with("aud", |aud| one_or_many(aud).filter(is_ours));
    required(aud, Error::AudienceMismatch)
}

/// Returns `exp`, `iat` and `nbf`.
fn check_times(
    object: &mut Object<'_>,
    policy: &Policy,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp, Option<Timestamp>), Error> {
    let exp = required(take_date(object, "exp"), Error::ExpiryInvalid)?;
    if has_passed(exp, policy, now) {
        return Err(Error::Expired);
    }
    let iat = required(take_date(object, "iat"), Error::IssuedAtInvalid)?;
    if is_to_come(iat, policy, now) {
        return Err(Error::IssuedInFuture);
    }
    let nbf = take_date(object, "nbf").map_err(|WrongType| Error::NotBeforeInvalid)?;
    if nbf.is_some_and(|nbf| is_to_come(nbf, policy, now)) {
        return Err(Error::NotYetValid);
    }
    if exp.saturating_since(iat) > policy.max_lifetime {
        return Err(Error::LifetimeTooLong);
    }
    Ok((exp, iat, nbf))
}

fn required<T>(taken: Result<Option<T>, WrongType>, otherwise: Error) -> Result<T, Error> {
    taken.ok().flatten().ok_or(otherwise)
}

pub(crate) fn has_passed(date: Timestamp, policy: &Policy, now: Timestamp) -> bool {
    date.saturating_add(policy.leeway) <= now
}

pub(crate) fn is_to_come(date: Timestamp, policy: &Policy, now: Timestamp) -> bool {
    date > now.saturating_add(policy.leeway)
}

/// Checks when and by which methods the person signed in (RFC 9470).
pub(crate) fn check_sign_in<Extra>(
    claims: &Claims<Extra>,
    policy: &Policy,
    now: Timestamp,
) -> Result<(), Error> {
    let is_recent = |max_age: Duration| {
        let oldest = now.saturating_sub(max_age.saturating_add(policy.leeway));
        let mut auth_time = claims.auth_time.iter();
        auth_time.any(|at| *at >= oldest && !is_to_come(*at, policy, now))
    };
    let has_method = |method: &String| claims.amr.contains(method);
    if policy.max_auth_age.is_none_or(is_recent) && policy.methods.iter().all(has_method) {
        return Ok(());
    }
    Err(Error::UserAuthenticationInsufficient {
        max_age: policy.max_auth_age,
    })
}

fn check_permissions<Extra>(claims: &Claims<Extra>, policy: &Policy) -> Result<(), Error> {
    for scope in &policy.scopes {
        claims.require_scope(scope)?;
    }
    match policy.any_of_roles.as_slice() {
        [] => Ok(()),
        roles => claims.require_any_role(roles),
    }
}

/// Takes a `NumericDate` (RFC 7519 section 2): seconds since the epoch, possibly with a fraction.
fn take_date(object: &mut Object<'_>, name: &str) -> Result<Option<Timestamp>, WrongType> {
    // Of all JSON values, only numbers parse as one.
    object.take_with(name, |value| {
        Timestamp::from_numeric_date(value.get().parse().ok()?)
    })
}

/// Refuses a claim of the wrong type that has no error variant for it.
impl From<WrongType> for Error {
    fn from(WrongType: WrongType) -> Self {
        Self::ClaimsMalformed
    }
}
