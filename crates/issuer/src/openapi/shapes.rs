//! How names, addresses and identifiers are written: the shapes that fields have in common.
//!
//! The types of the rules check them and know nothing of the document; these stand in for them
//! there, by `#[schema(value_type = shapes::Email)]`.

use signet_core::client::GrantType;
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
    /// An email address.
    Email = text(1, 254).format(Some(format("email"))).examples(["ada@example.com"]);
    /// A password, as it is tried.
    Password = text(1, 256).format(Some(format("password"))).examples(["engine no. 9 steams"]);
    /// A password to be set: not one of the commonest, and without the name in the address.
    NewPassword = text(8, 256).format(Some(format("password"))).examples(["engine no. 9 steams"]);
    /// What a person or a program is called.
    DisplayName = text(1, 100).examples(["Ada"]);
    /// An account.
    AccountId = text(36, 36).format(Some(format("uuid")))
        .examples(["67e55044-10b1-426f-9247-bb680e5fe0c8"]);
    /// Whether an account may sign in: an `invited` one has no way to sign in yet.
    AccountStatus = text(1, 20).enum_values(Some(["active", "disabled", "invited"]));
    /// Claims for services: an object of at most 1,024 bytes, without names that tokens use already.
    AccountClaims = ObjectBuilder::new().schema_type(Type::Object);
    /// A session: one sign-in.
    SessionId = text(22, 22).pattern(Some("^[A-Za-z0-9_-]{22}$"))
        .examples(["AAAAAAAAAAAAAAAAAAAAAA"]);
    /// A program; never shaped like a UUID.
    ClientId = name().examples(["billing"]);
    /// What an account may do elsewhere.
    Role = name().examples(["admin"]);
    /// A service that tokens are meant for.
    Audience = name().examples(["orders"]);
    /// A scope token, RFC 6749 section 3.3.
    Scope = text(1, 100).pattern(Some(r"^[!#-\[\]-~]+$")).examples(["orders:read"]);
    /// A way to ask for tokens, RFC 6749 section 4.
    Grant = text(1, 100).enum_values(Some(GrantType::ALL.map(GrantType::as_str)));
    /// A refresh token: good once.
    RefreshToken = text(1, 100).examples(["sgr_…"]);
    /// An access token, RFC 9068.
    AccessToken = ObjectBuilder::new().schema_type(Type::String).examples(["eyJ…"]);
}

/// RFC 3339, in UTC.
impl PartialSchema for Rfc3339 {
    fn schema() -> RefOr<Schema> {
        let moment = ObjectBuilder::new().schema_type(Type::String);
        let moment = moment.format(Some(format("date-time")));
        described(
            moment.examples(["2027-01-15T08:00:00Z"]),
            "A moment in UTC, RFC 3339.",
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

fn name() -> ObjectBuilder {
    text(1, 100).pattern(Some("^[A-Za-z0-9._:/-]+$"))
}

fn format(name: &str) -> SchemaFormat {
    SchemaFormat::Custom(name.to_owned())
}
