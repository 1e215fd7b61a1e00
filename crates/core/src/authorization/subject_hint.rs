//! The account that a client believes to be signed in: what an `id_token_hint` says (OpenID Connect
//! Core 1.0 section 3.1.2.1).

use serde::{Deserialize, Serialize};

use crate::ids::AccountId;

/// The account that a client believes to be signed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SubjectHint(Option<[u8; 16]>);

impl SubjectHint {
    /// The subject of an ID token; `None` if the token is not one of this server for this client.
    pub fn new(subject: Option<AccountId>) -> Self {
        Self(subject.map(|id| *id.as_bytes()))
    }

    /// Whether `id` can be the account. A hint that cannot be read fits every account, unless the
    /// answer is given without a page: then the client must not take one account for another.
    pub(super) fn fits(self, id: AccountId, without_page: bool) -> bool {
        match self.0 {
            Some(subject) => subject == *id.as_bytes(),
            None => !without_page,
        }
    }
}
