//! The checks of the claims, in their fixed order, as a pure function of (claims, policy, now).
//! Knows nothing of keys and signatures.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Number;

use crate::claims::{Claims, Confirmation};
use crate::clock::Timestamp;
use crate::error::Error;
use crate::json::{Object, ObjectError, WrongType};
use crate::policy::Policy;

/// Reads claims and checks them. The first check that fails names the reason.
pub(crate) fn check_claims<Extra: DeserializeOwned>(
    payload: &[u8],
    policy: &Policy,
    now: Timestamp,
) -> Result<Claims<Extra>, Error> {
    let mut object = Object::parse(payload).map_err(|error| match error {
        ObjectError::NotAnObject => Error::ClaimsMalformed,
        ObjectError::DuplicateName => Error::ClaimsDuplicateName,
    })?;
    let iss = check_issuer(&mut object, policy)?;
    let aud = check_audience(&mut object, policy)?;
    let (exp, iat, nbf) = check_times(&mut object, policy, now)?;
    let sub = check_subject(&mut object)?;
    let cnf = check_confirmation(&mut object, policy)?;
    let claims = Claims {
        iss,
        sub,
        aud,
        exp,
        iat,
        nbf,
        jti: object.take("jti")?,
        client_id: object.take("client_id")?,
        sid: object.take("sid")?,
        scope: object.take("scope")?.unwrap_or_default(),
        roles: object.take("roles")?.unwrap_or_default(),
        auth_time: take_date(&mut object, "auth_time")?,
        amr: object.take("amr")?.unwrap_or_default(),
        act: object.take("act")?,
        cnf,
        extra: object.into_rest()?,
    };
    check_permissions(&claims, policy)?;
    Ok(claims)
}

fn check_issuer(object: &mut Object<'_>, policy: &Policy) -> Result<String, Error> {
    match object.take::<String>("iss") {
        Ok(Some(iss)) if iss == policy.issuer => Ok(iss),
        _ => Err(Error::IssuerMismatch),
    }
}

fn check_audience(object: &mut Object<'_>, policy: &Policy) -> Result<Vec<String>, Error> {
    let aud = match object.take("aud") {
        Ok(Some(OneOrMany::One(one))) => vec![one],
        Ok(Some(OneOrMany::Many(many))) => many,
        Ok(None) | Err(WrongType) => return Err(Error::AudienceMismatch),
    };
    let is_ours = |audience: &String| policy.audiences.contains(audience);
    if aud.iter().any(is_ours) {
        Ok(aud)
    } else {
        Err(Error::AudienceMismatch)
    }
}

/// Returns `exp`, `iat` and `nbf`.
fn check_times(
    object: &mut Object<'_>,
    policy: &Policy,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp, Option<Timestamp>), Error> {
    let exp = take_date(object, "exp")
        .ok()
        .flatten()
        .ok_or(Error::ExpiryInvalid)?;
    if has_passed(exp, policy, now) {
        return Err(Error::Expired);
    }
    let iat = take_date(object, "iat")
        .ok()
        .flatten()
        .ok_or(Error::IssuedAtInvalid)?;
    if is_to_come(iat, policy, now) {
        return Err(Error::IssuedInFuture);
    }
    let nbf = take_date(object, "nbf").map_err(|_| Error::NotBeforeInvalid)?;
    if nbf.is_some_and(|nbf| is_to_come(nbf, policy, now)) {
        return Err(Error::NotYetValid);
    }
    if exp.saturating_since(iat) > policy.max_lifetime {
        return Err(Error::LifetimeTooLong);
    }
    Ok((exp, iat, nbf))
}

/// Whether claims that passed once still do: only time can have changed that.
#[cfg(feature = "cache")]
pub(crate) fn are_still_valid<Extra>(
    claims: &Claims<Extra>,
    policy: &Policy,
    now: Timestamp,
) -> bool {
    !has_passed(claims.exp, policy, now)
        && !is_to_come(claims.iat, policy, now)
        && !claims.nbf.is_some_and(|nbf| is_to_come(nbf, policy, now))
}

fn has_passed(date: Timestamp, policy: &Policy, now: Timestamp) -> bool {
    date.saturating_add(policy.leeway) <= now
}

fn is_to_come(date: Timestamp, policy: &Policy, now: Timestamp) -> bool {
    date > now.saturating_add(policy.leeway)
}

fn check_subject(object: &mut Object<'_>) -> Result<String, Error> {
    match object.take::<String>("sub") {
        Ok(Some(sub)) if !sub.is_empty() => Ok(sub),
        _ => Err(Error::SubjectMissing),
    }
}

fn check_confirmation(
    object: &mut Object<'_>,
    policy: &Policy,
) -> Result<Option<Confirmation>, Error> {
    if object.contains("cnf") && !policy.sender_constrained {
        return Err(Error::SenderConstrained);
    }
    Ok(object.take("cnf")?)
}

fn check_permissions<Extra>(claims: &Claims<Extra>, policy: &Policy) -> Result<(), Error> {
    for scope in &policy.scopes {
        claims.require_scope(scope)?;
    }
    if policy.any_of_roles.is_empty() {
        return Ok(());
    }
    claims.require_any_role(&policy.any_of_roles)
}

/// `aud`: a string when there is one, an array when there are several.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// RFC 7519 section 2, `NumericDate`: seconds since the epoch, a fraction allowed.
fn take_date(object: &mut Object<'_>, name: &str) -> Result<Option<Timestamp>, WrongType> {
    object
        .take::<Number>(name)?
        .map(|number| date(&number))
        .transpose()
}

fn date(number: &Number) -> Result<Timestamp, WrongType> {
    let since_epoch = match number.as_u64() {
        Some(seconds) => Duration::from_secs(seconds),
        None => number
            .as_f64()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .ok_or(WrongType)?,
    };
    if since_epoch > LAST_DATE {
        Err(WrongType)
    } else {
        Ok(Timestamp::default().saturating_add(since_epoch))
    }
}

/// A claim without a check of its own still has to have its type.
impl From<WrongType> for Error {
    fn from(WrongType: WrongType) -> Self {
        Self::ClaimsMalformed
    }
}

/// The end of the year 9999, the last that RFC 3339 can write.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_799);
