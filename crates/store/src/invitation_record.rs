//! The columns of an invitation, as every database stores them.
//!
//! This module must not know any database.

use signet_core::ids::{AccountId, InvitationId};
use signet_core::invitation::Invitation;
use signet_core::names::Role;
use signet_core::one_time_token::OneTimeDigest;

use crate::columns::timestamp;
use crate::error::ImpossibleRow;

/// The values of an invitation's columns.
pub(crate) struct InvitationColumns<'a> {
    pub(crate) id: &'a [u8],
    pub(crate) digest: &'a [u8],
    pub(crate) email: &'a str,
    pub(crate) account: Option<[u8; 16]>,
    pub(crate) roles: &'a str,
    pub(crate) created_at: i64,
    pub(crate) until: i64,
}

impl InvitationColumns<'_> {
    /// The invitation with these columns.
    pub(crate) fn read(&self) -> Result<Invitation, ImpossibleRow> {
        let id = self.id.try_into();
        let digest = self.digest.try_into();
        let email = self.email.parse();
        let roles: Result<_, _> = self
            .roles
            .split_ascii_whitespace()
            .map(str::parse)
            .collect();
        Ok(Invitation {
            id: InvitationId::from_bytes(id.map_err(|_| ImpossibleRow("an id of another length"))?),
            digest: OneTimeDigest::from_bytes(
                digest.map_err(|_| ImpossibleRow("a digest of another length"))?,
            ),
            email: email.map_err(|_| ImpossibleRow("an invalid email address"))?,
            account_id: self.account.map(AccountId::from_bytes),
            roles: roles.map_err(|_| ImpossibleRow("a role that breaks its rule"))?,
            created_at: timestamp(self.created_at)?,
            until: timestamp(self.until)?,
        })
    }
}

/// The column of the roles.
pub(crate) fn roles_text(roles: &[Role]) -> String {
    let names: Vec<_> = roles.iter().map(Role::as_str).collect();
    names.join(" ")
}
