//! Sessions in Redis: one value each, and an index per account.

use async_trait::async_trait;
use redis::Cmd;
use signet_core::account::KeptSession;
use signet_core::ids::{AccountId, SessionId};
use signet_core::session::Session;
use signet_verifier::Timestamp;

use super::Redis;
use super::deny_list::of_session;
use super::fault::RedisFault;
use super::keys::Layout;
use super::record;
use super::scripts::Invocation;
use crate::accounts::PendingEnding;
use crate::error::StoreError;
use crate::fault::Unanswered;
use crate::sessions::{Sessions, Swapped};
use crate::status_lists::StatusHolder;

#[async_trait]
impl Sessions for Redis {
    async fn create(
        &self,
        session: &Session,
        max_sessions: usize,
        denied_until: Timestamp,
    ) -> Result<(), StoreError> {
        let created = self.add(session, max_sessions, denied_until).await;
        created.map_err(|fault| fault.in_store(STORE))
    }

    async fn find(
        &self,
        account_id: AccountId,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let found = self.read(account_id, id).await;
        let session = found.map_err(|fault| fault.in_store(STORE))?;
        Ok(session.filter(|session| !session.lifetime.has_expired(now)))
    }

    async fn swap(&self, next: &Session) -> Result<Swapped, StoreError> {
        let swapped = self.replace_predecessor(next).await;
        swapped.map_err(|fault| fault.in_store(STORE))
    }

    async fn end(
        &self,
        account_id: AccountId,
        id: SessionId,
        denied_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let holder = StatusHolder::Session { account_id, id };
        let mut script = self.scripts.end.prepare_invoke();
        script
            .key(self.layout.session(account_id, id))
            .key(self.layout.index(account_id))
            .key(self.layout.session_denial(account_id, id))
            .key(self.layout.status_holder(&holder))
            .key(self.layout.status_logs(self.layout.of_account(account_id)))
            .arg(id.as_bytes())
            .arg(&of_session(denied_until));
        let partition = self.layout.of_account(account_id);
        let removed = self.end_surely::<usize>(script.in_full(), partition).await;
        removed
            .map(|removed| removed > 0)
            .map_err(|fault| fault.in_store(STORE))
    }

    async fn end_before(
        &self,
        ending: PendingEnding,
        denied_until: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut script = self.scripts.end_before.prepare_invoke();
        add_account_keys(&mut script, self.layout, ending.account_id);
        script
            .arg(ending.before.number())
            .arg(&of_session(denied_until));
        if let Some(KeptSession { id, since }) = ending.kept {
            script.arg(id.as_bytes()).arg(since.number());
        }
        let partition = self.layout.of_account(ending.account_id);
        let ended = self.end_surely(script.in_full(), partition).await;
        ended.map_err(|fault| fault.in_store(STORE))
    }

    async fn list(
        &self,
        account_id: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let listed = self.read_all(account_id).await;
        let mut sessions = listed.map_err(|fault| fault.in_store(STORE))?;
        sessions.retain(|session| !session.lifetime.has_expired(now));
        Ok(sessions)
    }

    /// Redis drops what has expired by itself.
    async fn purge(&self, _now: Timestamp, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

impl Redis {
    pub(super) async fn add(
        &self,
        session: &Session,
        max_sessions: usize,
        denied_until: Timestamp,
    ) -> Result<(), RedisFault> {
        let lifetime = &session.lifetime;
        let begun = lifetime.created_at;
        let mut script = self.scripts.create.prepare_invoke();
        add_account_keys(&mut script, self.layout, session.account_id);
        script
            .arg(session.id.as_bytes())
            .arg(record::write(session)?)
            .arg(begun.as_millis())
            .arg(record::garbage_after_ms(begun, lifetime.expires_at()))
            .arg(record::garbage_after_ms(
                begun,
                lifetime.absolute_expires_at,
            ))
            .arg(max_sessions.saturating_sub(1))
            .arg(&of_session(denied_until));
        match self.hot.run::<i64>(&script).await? {
            0 => Ok(()),
            1.. => {
                self.count_denial(self.layout.of_account(session.account_id))
                    .await
            }
            _ => Err(Unanswered::Taken.into()),
        }
    }

    async fn read(
        &self,
        account_id: AccountId,
        id: SessionId,
    ) -> Result<Option<Session>, RedisFault> {
        let command = Cmd::get(self.layout.session(account_id, id));
        let value: Option<Vec<u8>> = self.hot.query(&command).await?;
        value
            .map(|value| record::read(account_id, id, &value))
            .transpose()
    }

    async fn replace_predecessor(&self, next: &Session) -> Result<Swapped, RedisFault> {
        let Some(predecessor) = next.version.checked_sub(1) else {
            return Ok(Swapped::Lost);
        };
        let ends_at = next.lifetime.expires_at();
        let mut script = self.scripts.swap.prepare_invoke();
        script
            .key(self.layout.session(next.account_id, next.id))
            .arg(&record::version(predecessor))
            .arg(record::write(next)?)
            .arg(record::garbage_after_ms(next.rotation.rotated_at, ends_at));
        if self.hot.run(&script).await? {
            Ok(Swapped::Done)
        } else {
            Ok(Swapped::Lost)
        }
    }

    async fn read_all(&self, account_id: AccountId) -> Result<Vec<Session>, RedisFault> {
        let mut script = self.scripts.list.prepare_invoke();
        script
            .key(self.layout.sessions(account_id))
            .key(self.layout.index(account_id));
        let rows: Vec<([u8; 16], Vec<u8>)> = self.hot.run(&script).await?;
        rows.iter()
            .map(|(id, value)| record::read(account_id, SessionId::from_bytes(*id), value))
            .collect()
    }
}

fn add_account_keys(script: &mut Invocation<'_>, layout: Layout, account_id: AccountId) {
    script
        .key(layout.sessions(account_id))
        .key(layout.index(account_id))
        .key(layout.account_denial(account_id))
        .key(layout.status_holders(account_id))
        .key(layout.status_logs(layout.of_account(account_id)));
}

const STORE: &str = "sessions";
