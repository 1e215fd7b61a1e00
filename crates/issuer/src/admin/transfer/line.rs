//! One account as a line of JSON: what an import reads and an export writes.

use serde::Serialize;
use signet_core::account::{AccountClaims, AccountStatus, DisplayName, Email, MfaPolicy};
use signet_core::ids::AccountId;
use signet_core::names::Role;
use signet_core::password::PasswordHash;
use signet_core::second_factor::RECOVERY_CODES;
use signet_flows::accounts::{AccountToImport, ExportedAccount, ImportedVerification};
use utoipa::ToSchema;

use super::written::{WrittenPasskey, WrittenTotp, recovery_code, time, written_recovery_code};
use crate::admin::account_requests::roles;
use crate::extract::{Fields, FromFields, Invalid};
use crate::openapi::shapes;
use crate::rfc3339::Exact;

/// A line of an import.
pub(super) struct ImportLine(pub(super) AccountToImport);

impl FromFields for ImportLine {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let id = fields.optional("id", str::parse::<AccountId>);
        let email = fields.required("email", str::parse::<Email>);
        let verified = verified(fields);
        let name = fields.optional("name", str::parse::<DisplayName>);
        let roles = roles(fields);
        let claims = fields.json("claims", AccountClaims::from_json);
        let status = fields.optional("status", str::parse::<AccountStatus>);
        let mfa = fields.optional("mfa_policy", str::parse::<MfaPolicy>);
        let created_at = fields.optional("created_at", time);
        let password_hash = fields.optional("password_hash", str::parse::<PasswordHash>);
        let totp = fields.json("totp", WrittenTotp::parse);
        let recovery_codes = recovery_codes(fields);
        let passkeys = fields.json("passkeys", WrittenPasskey::parse_list);
        Some(Self(AccountToImport {
            id: id?,
            email: email?,
            verified: verified?,
            name: name?,
            roles: roles?,
            claims: claims?.unwrap_or_default(),
            status: status?,
            mfa: mfa?.unwrap_or_default(),
            created_at: created_at?,
            password_hash: password_hash?,
            totp: totp?,
            recovery_codes: recovery_codes?,
            passkeys: passkeys?.unwrap_or_default(),
        }))
    }
}

/// `email_verified` decides; `email_verified_at` alone says that it is verified.
fn verified(fields: &mut Fields<'_>) -> Option<ImportedVerification> {
    let flag = fields.flag("email_verified");
    let at = fields.optional("email_verified_at", time);
    Some(match (flag?, at?) {
        (Some(false), _) | (None, None) => ImportedVerification::No,
        (_, Some(at)) => ImportedVerification::At(at),
        (Some(true), None) => ImportedVerification::Sometime,
    })
}

fn recovery_codes(
    fields: &mut Fields<'_>,
) -> Option<Vec<signet_core::second_factor::RecoveryCodeDigest>> {
    let codes = fields.list("recovery_codes", recovery_code)?;
    if codes.len() > RECOVERY_CODES {
        let too_many = Invalid::new("invalid", "must be at most 10");
        return fields.reject("recovery_codes", too_many);
    }
    Some(codes)
}

/// A line of an export.
#[derive(Serialize)]
pub(super) struct ExportLine<'a> {
    id: AccountId,
    email: &'a Email,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified_at: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a DisplayName>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    roles: &'a [Role],
    #[serde(skip_serializing_if = "AccountClaims::is_empty")]
    claims: &'a AccountClaims,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa_policy: Option<&'static str>,
    created_at: Exact,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    totp: Option<WrittenTotp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recovery_codes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    passkeys: Vec<WrittenPasskey>,
}

impl<'a> ExportLine<'a> {
    pub(super) fn of(exported: &'a ExportedAccount) -> Self {
        let account = &exported.account;
        let authenticators = &exported.authenticators;
        let codes = authenticators.recovery_codes.iter();
        Self {
            id: account.id,
            email: &account.email,
            email_verified_at: account.email_verified_at.map(Exact),
            name: account.name.as_ref(),
            roles: &account.roles,
            claims: &account.claims,
            status: account.standing.status.as_str(),
            mfa_policy: (account.mfa == MfaPolicy::Required).then(|| account.mfa.as_str()),
            created_at: Exact(account.created_at),
            password_hash: exported.password_hash.as_ref().map(PasswordHash::as_str),
            totp: authenticators.totp.as_ref().map(WrittenTotp::of),
            recovery_codes: codes.map(written_recovery_code).collect(),
            passkeys: authenticators
                .passkeys
                .iter()
                .map(WrittenPasskey::of)
                .collect(),
        }
    }
}

/// What a line is in the document. Only `email` is required.
#[derive(ToSchema)]
#[schema(as = AccountLine)]
#[expect(
    dead_code,
    reason = "stands in for types that know nothing of the document"
)]
pub(crate) struct AccountLineFields {
    /// The id that the account keeps; a new one if it is left out.
    #[schema(value_type = Option<shapes::AccountId>)]
    id: (),
    #[schema(value_type = shapes::Email)]
    email: (),
    /// Verified when it was created. An export has `email_verified_at` instead.
    #[schema(value_type = Option<bool>)]
    email_verified: (),
    #[schema(value_type = Option<crate::rfc3339::Rfc3339>)]
    email_verified_at: (),
    #[schema(value_type = Option<shapes::DisplayName>)]
    name: (),
    /// At most 1,024 characters together.
    #[schema(value_type = Option<Vec<shapes::Role>>)]
    roles: (),
    #[schema(value_type = Option<shapes::AccountClaims>)]
    claims: (),
    /// Default `active` with a password hash or a passkey, else `invited`.
    #[schema(value_type = Option<shapes::AccountStatus>)]
    status: (),
    /// `optional` or `required`.
    #[schema(value_type = Option<String>)]
    mfa_policy: (),
    #[schema(value_type = Option<crate::rfc3339::Rfc3339>)]
    created_at: (),
    /// An argon2, bcrypt, scrypt or PBKDF2 hash in PHC, crypt, passlib or Django form.
    #[schema(value_type = Option<String>)]
    password_hash: (),
    /// `{"secret": base32}`, or what an export has.
    #[schema(value_type = Option<Object>)]
    totp: (),
    /// As in an export.
    #[schema(value_type = Option<Vec<String>>)]
    recovery_codes: (),
    /// As in an export.
    #[schema(value_type = Option<Vec<Object>>)]
    passkeys: (),
}
