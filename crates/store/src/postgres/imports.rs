//! Adding many accounts to PostgreSQL: all in one transaction, or each in one of its own if a
//! passkey belongs to another account.

use async_trait::async_trait;

use super::connections::Together;
use super::fault::PostgresFault;
use super::{Postgres, accounts, authenticators};
use crate::error::StoreError;
use crate::imports::{ImportedAccount, Imports};

#[async_trait]
impl Imports for Postgres {
    async fn add(&self, accounts: &[ImportedAccount]) -> Result<Vec<bool>, StoreError> {
        match self.add_together(accounts).await {
            Ok(added) => return Ok(added),
            Err(fault) if fault.is_taken() => {}
            Err(fault) => return Err(fault.in_store(STORE)),
        }
        let mut all = Vec::with_capacity(accounts.len());
        for new in accounts {
            match self.add_together(std::slice::from_ref(new)).await {
                Ok(added) => all.extend(added),
                Err(fault) if fault.is_taken() => all.push(false),
                Err(fault) => return Err(fault.in_store(STORE)),
            }
        }
        Ok(all)
    }
}

impl Postgres {
    async fn add_together(&self, accounts: &[ImportedAccount]) -> Result<Vec<bool>, PostgresFault> {
        let steps = accounts.iter().map(steps).collect::<Result<_, _>>()?;
        self.connections.each_together(steps).await
    }
}

fn steps(new: &ImportedAccount) -> Result<Together, PostgresFault> {
    let others = new.authenticators.iter();
    Ok(Together {
        first: accounts::insert_imported(&new.credentials),
        then: others.map(authenticators::swap).collect::<Result<_, _>>()?,
    })
}

const STORE: &str = "accounts";
