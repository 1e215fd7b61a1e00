//! Extractors: checked bodies, tokens, cookies, addresses and origins of requests.
//!
//! Each extractor refuses invalid requests with the code of the HTTP contract. This module must not
//! know what routes do with the values.

pub mod bearer;
mod bearers;
pub mod client_address;
mod device;
pub mod fields;
mod form;
pub mod json_body;
pub mod origin;
pub mod path;
pub mod refresh_cookie;
mod request_origin;

pub use bearer::BearerToken;
pub use client_address::{ClientAddress, Peer};
pub(crate) use device::{HEADER as DEVICE_HEADER, device_cookie, device_header, known_device};
pub(crate) use fields::name_change;
pub use fields::{Fields, FromFields, Invalid, Presence, secret};
pub(crate) use form::{Form, PUSHED_PREFIX};
pub use json_body::JsonBody;
pub(crate) use json_body::has_media_type;
pub(crate) use json_body::read_body;
pub use origin::TrustedOrigin;
pub use path::{PathValue, PathValues};
pub use refresh_cookie::RefreshCookie;
