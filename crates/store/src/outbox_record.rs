//! The columns of a mail in the outbox, as every database stores them.
//!
//! This module must not know any database.

use signet_core::ids::{AccountId, MailId};

use crate::columns::timestamp;
use crate::error::ImpossibleRow;
use crate::outbox::{Backlog, LeasedMail, QueuedMail};

/// The values of a mail's columns.
pub(crate) struct OutboxColumns {
    pub(crate) id: Vec<u8>,
    pub(crate) account: Option<[u8; 16]>,
    pub(crate) payload: Vec<u8>,
    pub(crate) attempts: i64,
    pub(crate) due: i64,
    pub(crate) until: i64,
}

impl OutboxColumns {
    /// The mail with these columns.
    pub(crate) fn read(self) -> Result<LeasedMail, ImpossibleRow> {
        let id = self.id.try_into();
        Ok(LeasedMail {
            mail: QueuedMail {
                id: MailId::from_bytes(id.map_err(|_| ImpossibleRow("a mail id that is none"))?),
                account_id: self.account.map(AccountId::from_bytes),
                payload: self.payload,
                due: timestamp(self.due)?,
                until: timestamp(self.until)?,
            },
            attempt: u32::try_from(self.attempts)
                .map_err(|_| ImpossibleRow("attempts out of range"))?,
        })
    }
}

/// The backlog with this number of mails and this earliest time.
pub(crate) fn backlog((mails, due): (i64, Option<i64>)) -> Result<Backlog, ImpossibleRow> {
    Ok(Backlog {
        mails: u64::try_from(mails).map_err(|_| ImpossibleRow("a negative count"))?,
        next_due: due.map(timestamp).transpose()?,
    })
}
