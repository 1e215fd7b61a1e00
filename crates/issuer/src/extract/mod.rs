//! Extractors: checked bodies, tokens, cookies, addresses and origins of requests.
//!
//! Each extractor refuses invalid requests with the code of the HTTP contract. This module must not
//! know what routes do with the values.

mod bearer;
mod bearers;
mod client_address;
mod device;
pub(crate) mod fields;
mod form;
mod json_body;
mod origin;
mod path;
mod refresh_cookie;
mod request_origin;

pub(crate) use bearer::BearerToken;
pub(crate) use bearers::AdminRequest;
pub(crate) use client_address::ClientAddress;
pub use client_address::Peer;
pub(crate) use device::{HEADER as DEVICE_HEADER, device_cookie, device_header, known_device};
pub(crate) use fields::{Fields, FromFields, Invalid, Presence, name_change, secret};
pub(crate) use form::{Form, PUSHED_PREFIX, REPEATED};
pub(crate) use json_body::{JsonBody, has_media_type, read_body};
pub(crate) use origin::TrustedOrigin;
pub(crate) use path::{PathValue, PathValues};
pub(crate) use refresh_cookie::RefreshCookie;
