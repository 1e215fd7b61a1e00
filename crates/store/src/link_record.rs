//! The columns of a link, as every database stores them.
//!
//! This module must not know any database.

use signet_core::ids::AccountId;
use signet_core::link::Link;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};

use crate::columns::{epoch, timestamp};
use crate::error::ImpossibleRow;

/// The values of a link's columns.
pub(crate) struct LinkColumns<'a> {
    pub(crate) purpose: i16,
    pub(crate) digest: &'a [u8],
    pub(crate) account: [u8; 16],
    pub(crate) epoch: i64,
    pub(crate) email: &'a str,
    pub(crate) until: i64,
}

impl LinkColumns<'_> {
    /// The link with these columns.
    pub(crate) fn read(&self) -> Result<Link, ImpossibleRow> {
        let purpose = u8::try_from(self.purpose).ok();
        let purpose = purpose.and_then(OneTimePurpose::from_number);
        let digest = self.digest.try_into();
        Ok(Link {
            purpose: purpose.ok_or(ImpossibleRow("a link of an unknown purpose"))?,
            digest: OneTimeDigest::from_bytes(
                digest.map_err(|_| ImpossibleRow("a digest of another length"))?,
            ),
            account_id: AccountId::from_bytes(self.account),
            epoch: epoch(self.epoch)?,
            email: self
                .email
                .parse()
                .map_err(|_| ImpossibleRow("an invalid email address"))?,
            until: timestamp(self.until)?,
        })
    }
}
