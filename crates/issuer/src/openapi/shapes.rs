//! The schemas of names, addresses and identifiers, which many fields share.
//!
//! The types in `signet_core` check values and do not know the document. Fields name these schemas
//! instead, as in `#[schema(value_type = shapes::Email)]`. Limits are the constants of `signet_core`.

use signet_core::account::{MAX_DISPLAY_NAME_LENGTH, MAX_EMAIL_LENGTH};
use signet_core::captcha::MAX_ANSWER_LENGTH;
use signet_core::client::{AuthenticationMethod as AuthenticationMethods, GrantType};
use signet_core::names::{MAX_NAME_LENGTH, MAX_SCOPE_LENGTH};
use signet_core::password::{MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{Object, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::rfc3339::Rfc3339;

macro_rules! shapes {
    ($($(#[doc = $doc:literal])+ $name:ident = $object:expr;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug)]
            pub(crate) enum $name {}

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    described($object, concat!($($doc),+))
                }
            }

            impl ToSchema for $name {}
        )+
    };
}

shapes! {
    /// An email address, at most 254 bytes long in UTF-8.
    Email = text(1, MAX_EMAIL_LENGTH).format(Some(format("email"))).examples(["ada@example.com"]);
    /// A password.
    Password = password(1);
    /// A new password. It is not a common one and does not contain the name in the email address.
    NewPassword = password(MIN_PASSWORD_LENGTH);
    /// The answer of a captcha in place of `proof_of_work`, if `methods` of `proof_of_work_required`
    /// has `captcha`.
    CaptchaAnswer = text(1, MAX_ANSWER_LENGTH);
    /// The name of a person, a client or a passkey, without control characters and invisible characters.
    DisplayName = text(1, MAX_DISPLAY_NAME_LENGTH).examples(["Ada"]);
    /// The id of an account.
    AccountId = text(36, 36).format(Some(format("uuid")))
        .examples(["67e55044-10b1-426f-9247-bb680e5fe0c8"]);
    /// Whether an account may sign in: an `invited` one has no way to sign in yet.
    AccountStatus = text(1, 20).enum_values(Some(["active", "disabled", "invited"]));
    /// Whether an account must have a second factor.
    MfaPolicy = text(1, 20).enum_values(Some(["optional", "required"]));
    /// Claims for services: an object of at most 1,024 bytes, without names that tokens use already.
    AccountClaims = ObjectBuilder::new().schema_type(Type::Object);
    /// The name of a custom claim; never a claim that Signet or a standard defines.
    ClaimName = name().examples(["tenant"]);
    /// The id of a session.
    SessionId = text(22, 22).pattern(Some("^[A-Za-z0-9_-]{22}$"))
        .examples(["AAAAAAAAAAAAAAAAAAAAAA"]);
    /// The id of an invitation.
    InvitationId = text(22, 22).pattern(Some("^[A-Za-z0-9_-]{22}$"))
        .examples(["AAAAAAAAAAAAAAAAAAAAAA"]);
    /// The id of a client; never a UUID.
    ClientId = name().examples(["billing"]);
    /// A line of the audit trail; `docs/events.schema.json` is its JSON Schema.
    AuditLine = ObjectBuilder::new().schema_type(Type::Object);
    /// The type of an event.
    EventType = text(1, 100).examples(["session.ended"]);
    /// A role of an account, for services.
    Role = name().examples(["admin"]);
    /// An audience: the name of a service.
    Audience = name().examples(["orders"]);
    /// A scope token, RFC 6749 section 3.3.
    Scope = text(1, MAX_SCOPE_LENGTH).pattern(Some(r"^[!#-\[\]-~]+$")).examples(["orders:read"]);
    /// A redirect URI: https, http on this machine, or the scheme of an app.
    RedirectUri = text(1, 1_000).examples(["https://app.example.com/callback"]);
    /// A grant type, RFC 6749 section 4.
    Grant = text(1, 100).enum_values(Some(GrantType::ALL.map(GrantType::as_str)));
    /// The token of a link that was mailed: good once.
    LinkToken = text(1, 100).examples(["reset_…"]);
    /// The id of a passkey: the id of its credential in base64url.
    PasskeyId = text(2, 1_364).pattern(Some("^[A-Za-z0-9_-]+$")).examples(["AAAAAAAAAAAAAAAAAAAAAA"]);
    /// A new credential of the browser: `RegistrationResponseJSON` of WebAuthn level 3.
    RegistrationCredential = credential(&["clientDataJSON", "attestationObject"]);
    /// A credential of the browser: `AuthenticationResponseJSON` of WebAuthn level 3.
    AuthenticationCredential = credential(&["clientDataJSON", "authenticatorData", "signature"]);
    /// A method by which a client authenticates. With `none`, it is a public client.
    AuthenticationMethod = text(1, 20)
        .enum_values(Some(AuthenticationMethods::ALL.map(AuthenticationMethods::as_str)));
    /// A refresh token, for one use.
    RefreshToken = text(1, 100).examples(["sgr_…"]);
    /// An access token, RFC 9068.
    AccessToken = ObjectBuilder::new().schema_type(Type::String).examples(["eyJ…"]);
}

/// A time in UTC, RFC 3339.
impl PartialSchema for Rfc3339 {
    fn schema() -> RefOr<Schema> {
        let moment = ObjectBuilder::new().schema_type(Type::String);
        let moment = moment.format(Some(format("date-time")));
        described(
            moment.examples(["2027-01-15T08:00:00Z"]),
            "A time in UTC, RFC 3339.",
        )
    }
}

impl ToSchema for Rfc3339 {}

fn described(object: ObjectBuilder, doc: &str) -> RefOr<Schema> {
    let object: Object = object.description(Some(doc.trim())).build();
    object.into()
}

fn text(min_length: usize, max_length: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(min_length))
        .max_length(Some(max_length))
}

fn password(min_length: usize) -> ObjectBuilder {
    text(min_length, MAX_PASSWORD_LENGTH)
        .format(Some(format("password")))
        .examples(["engine no. 9 steams"])
}

/// A public key credential whose `response` has these members in base64url.
fn credential(members: &[&str]) -> ObjectBuilder {
    let bytes = || ObjectBuilder::new().schema_type(Type::String);
    let response = ObjectBuilder::new().schema_type(Type::Object);
    let response = members.iter().fold(response, |response, member| {
        response.property(*member, bytes()).required(*member)
    });
    let kind = bytes().enum_values(Some(["public-key"]));
    let object = ObjectBuilder::new().schema_type(Type::Object);
    let object = object.property("id", bytes()).required("id");
    let object = object.property("type", kind).required("type");
    object.property("response", response).required("response")
}

fn name() -> ObjectBuilder {
    text(1, MAX_NAME_LENGTH).pattern(Some("^[A-Za-z0-9._:/-]+$"))
}

fn format(name: &str) -> SchemaFormat {
    SchemaFormat::Custom(name.to_owned())
}
