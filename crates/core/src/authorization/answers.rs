//! What a person has answered to a request.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::AccountId;

/// What the person has already answered to this request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Answers {
    /// The person has chosen the account.
    pub chose_account: bool,
    /// What the person has decided about the client.
    pub decision: Option<ConsentDecision>,
}

/// What a person has decided about a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ConsentDecision {
    /// The owner of this account allows what the client asks for. Nothing is decided for another
    /// account that signs in afterwards.
    Allowed(#[serde(serialize_with = "write", deserialize_with = "read")] AccountId),
    /// The client gets nothing.
    Denied,
}

impl Answers {
    /// What is decided if the owner of this account is signed in.
    pub fn decision_for(&self, account_id: AccountId) -> Option<ConsentDecision> {
        let counts = |decision: &ConsentDecision| match decision {
            ConsentDecision::Allowed(owner) => *owner == account_id,
            ConsentDecision::Denied => true,
        };
        self.decision.filter(counts)
    }
}

fn write<S: Serializer>(account_id: &AccountId, serializer: S) -> Result<S::Ok, S::Error> {
    account_id.as_bytes().serialize(serializer)
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccountId, D::Error> {
    <[u8; 16]>::deserialize(deserializer).map(AccountId::from_bytes)
}
