//! What invitations promise.

use futures::future::join_all;
use signet_core::account::AccountStatus;
use signet_core::ids::{InvitationId, MailId};
use signet_core::invitation::Invitation;
use signet_core::one_time_token::OneTimeDigest;
use signet_store::{Acceptance, Accepted, Created, Credentials, EndingChange, QueuedMail};
use signet_verifier::Timestamp;

use crate::given::{NOW, Place, account_id, after, credentials, hash, step};

fn invitation(number: u8, email: &str) -> Invitation {
    Invitation {
        id: InvitationId::from_bytes([number; 16]),
        digest: digest(number),
        email: email.parse().unwrap(),
        account_id: None,
        roles: vec!["staff".parse().unwrap(), "orders:read".parse().unwrap()],
        created_at: NOW,
        until: after(60),
    }
}

fn digest(number: u8) -> OneTimeDigest {
    OneTimeDigest::from_bytes([number; 32])
}

/// An invitation that activates account 1.
fn for_account(number: u8) -> Invitation {
    Invitation {
        account_id: Some(account_id(1)),
        roles: Vec::new(),
        ..invitation(number, "ada@example.com")
    }
}

fn mail(number: u8) -> QueuedMail {
    QueuedMail {
        id: MailId::from_bytes([number; 16]),
        account_id: None,
        payload: vec![number; 300],
        due: NOW,
        until: after(60),
    }
}

/// Account 1, without a password.
fn invited() -> Credentials {
    let mut ada = credentials(1, "ada@example.com");
    ada.password_hash = None;
    ada.account.email_verified_at = None;
    ada.account.standing.status = AccountStatus::Invited;
    ada
}

/// What accepting makes of [`invited`].
fn activation() -> Acceptance {
    let previous = invited().account;
    let account = previous.clone().changed(|account| {
        account.standing.status = AccountStatus::Active;
        account.email_verified_at = Some(after(7));
        account.name = Some("Countess".parse().unwrap());
    });
    Acceptance {
        previous: Some(previous),
        next: Credentials {
            account,
            password_hash: Some(hash("b")),
        },
    }
}

fn registration(number: u8, email: &str) -> Acceptance {
    Acceptance {
        previous: None,
        next: credentials(number, email),
    }
}

async fn put(place: &Place, invitation: &Invitation) -> bool {
    let invitations = &place.first.invitations;
    invitations.put(invitation, None).await.unwrap()
}

async fn create(place: &Place, number: u8, mail: Option<&QueuedMail>) -> Created {
    let invitations = &place.first.invitations;
    let created = invitations
        .create(&invited(), &for_account(number), mail)
        .await;
    created.unwrap()
}

async fn accept(place: &Place, number: u8, acceptance: &Acceptance, now: Timestamp) -> Accepted {
    let invitations = &place.second.invitations;
    let accepted = invitations.accept(digest(number), acceptance, now);
    accepted.await.unwrap()
}

async fn find(place: &Place, number: u8, now: Timestamp) -> Option<Invitation> {
    let invitations = &place.second.invitations;
    invitations.find(digest(number), now).await.unwrap()
}

async fn list(place: &Place, after: Option<u8>, now: Timestamp) -> Vec<u8> {
    let after = after.map(|number| InvitationId::from_bytes([number; 16]));
    let invitations = &place.second.invitations;
    let listed = invitations.list(after, 2, now).await.unwrap();
    listed
        .iter()
        .map(|invitation| invitation.id.as_bytes()[0])
        .collect()
}

async fn waiting(place: &Place) -> usize {
    let outbox = &place.second.outbox;
    outbox.lease(NOW, after(1), 10).await.unwrap().len()
}

pub(crate) async fn an_invitation_is_found_until_its_time(place: &Place) {
    let stored = invitation(1, "Ada@example.com");
    assert!(put(place, &stored).await);
    assert_eq!(find(place, 1, after(59)).await, Some(stored));
    assert_eq!(find(place, 1, after(60)).await, None);
    assert_eq!(find(place, 2, NOW).await, None);
}

pub(crate) async fn an_address_has_the_latest_invitation_only(place: &Place) {
    put(place, &invitation(1, "Ada@example.com")).await;
    put(place, &invitation(2, "aDA@example.com")).await;
    assert_eq!(find(place, 1, NOW).await, None);
    let latest = invitation(2, "aDA@example.com");
    assert_eq!(find(place, 2, NOW).await, Some(latest.clone()));
    let of_address = async |email: &str, now| {
        let invitations = &place.second.invitations;
        let email = email.parse().unwrap();
        invitations.by_email(&email, now).await.unwrap()
    };
    assert_eq!(of_address("ada@EXAMPLE.com", after(59)).await, Some(latest));
    assert_eq!(of_address("ada@example.com", after(60)).await, None);
    assert_eq!(of_address("bob@example.com", NOW).await, None);
}

pub(crate) async fn invitations_are_listed_and_removed_by_id(place: &Place) {
    for number in 1..=4 {
        let email = format!("ada{number}@example.com");
        put(place, &invitation(number, &email)).await;
    }
    assert_eq!(list(place, None, NOW).await, [1, 2]);
    assert_eq!(list(place, Some(2), NOW).await, [3, 4]);
    assert_eq!(list(place, None, after(60)).await, Vec::<u8>::new());
    let invitations = &place.first.invitations;
    let first = InvitationId::from_bytes([1; 16]);
    assert!(invitations.remove(first).await.unwrap());
    assert!(!invitations.remove(first).await.unwrap());
    assert_eq!(list(place, None, NOW).await, [2, 3]);
    assert_eq!(find(place, 1, NOW).await, None);
}

pub(crate) async fn accepting_an_invitation_adds_an_account_once(place: &Place) {
    put(place, &invitation(1, "ada@example.com")).await;
    let ada = registration(1, "ada@example.com");
    assert_eq!(accept(place, 2, &ada, NOW).await, Accepted::Lost);
    assert_eq!(accept(place, 1, &ada, after(60)).await, Accepted::Lost);
    assert_eq!(accept(place, 1, &ada, NOW).await, Accepted::Done);
    let accounts = &place.first.accounts;
    let found = accounts.by_id(account_id(1)).await.unwrap().unwrap();
    assert_eq!(found.account, ada.next.account);
    assert_eq!(found.password_hash, ada.next.password_hash);
    assert_eq!(find(place, 1, NOW).await, None);
    let again = registration(2, "bob@example.com");
    assert_eq!(accept(place, 1, &again, NOW).await, Accepted::Lost);
}

pub(crate) async fn an_invitation_to_an_address_that_is_taken_stays(place: &Place) {
    place.register().await;
    put(place, &invitation(1, "ADA@example.com")).await;
    let ada = registration(2, "ADA@example.com");
    assert_eq!(accept(place, 1, &ada, NOW).await, Accepted::Lost);
    assert!(find(place, 1, NOW).await.is_some());
}

pub(crate) async fn accepting_an_invitation_activates_its_account(place: &Place) {
    assert!(!put(place, &for_account(1)).await, "no account yet");
    assert_eq!(create(place, 1, Some(&mail(1))).await, Created::Added);
    assert_eq!(create(place, 2, Some(&mail(2))).await, Created::EmailTaken);
    assert_eq!(waiting(place).await, 1);
    assert_eq!(find(place, 1, NOW).await, Some(for_account(1)));

    let activation = activation();
    assert_eq!(accept(place, 1, &activation, NOW).await, Accepted::Done);
    let accounts = &place.first.accounts;
    let found = accounts.by_id(account_id(1)).await.unwrap().unwrap();
    assert_eq!(found.account, activation.next.account);
    assert_eq!(found.password_hash, activation.next.password_hash);
    assert_eq!(find(place, 1, NOW).await, None);
}

pub(crate) async fn an_account_that_was_changed_is_not_activated(place: &Place) {
    assert_eq!(create(place, 1, None).await, Created::Added);
    let everything = EndingChange::LogOutEverywhere;
    let accounts = &place.first.accounts;
    let ended = accounts.change(account_id(1), step(0), &everything);
    ended.await.unwrap();
    assert_eq!(accept(place, 1, &activation(), NOW).await, Accepted::Lost);
    assert!(find(place, 1, NOW).await.is_some());
    let gone = accounts.change(account_id(1), step(1), &EndingChange::Delete);
    gone.await.unwrap();
    assert_eq!(find(place, 1, NOW).await, None);
}

pub(crate) async fn an_invitation_and_its_mail_are_stored_together(place: &Place) {
    let invitations = &place.first.invitations;
    let stored = invitations.put(&for_account(1), Some(&mail(1))).await;
    assert!(!stored.unwrap(), "there is no such account");
    assert_eq!(waiting(place).await, 0);
    let ada = invitation(1, "ada@example.com");
    let stored = invitations.put(&ada, Some(&mail(1))).await;
    assert!(stored.unwrap());
    assert_eq!(waiting(place).await, 1);
}

pub(crate) async fn of_fifty_acceptances_one_is_done(place: &Place) {
    put(place, &invitation(1, "ada@example.com")).await;
    let tries = (0..50).map(|turn| {
        let stores = place.handle(turn);
        async move {
            let number = u8::try_from(turn).unwrap() + 1;
            let acceptance = registration(number, "ada@example.com");
            let accepted = stores.invitations.accept(digest(1), &acceptance, NOW);
            accepted.await.unwrap()
        }
    });
    let accepted = join_all(tries).await;
    let done = accepted.iter().filter(|one| **one == Accepted::Done);
    assert_eq!(done.count(), 1);
}

pub(crate) async fn of_fifty_activations_one_is_done(place: &Place) {
    assert_eq!(create(place, 1, None).await, Created::Added);
    let tries = (0..50).map(|turn| {
        let stores = place.handle(turn);
        async move {
            let activation = activation();
            stores.invitations.accept(digest(1), &activation, NOW).await
        }
    });
    let accepted = join_all(tries).await.into_iter().map(Result::unwrap);
    assert_eq!(accepted.filter(|one| *one == Accepted::Done).count(), 1);
}

pub(crate) async fn purged_invitations_are_those_past_their_time(place: &Place) {
    put(place, &invitation(1, "ada@example.com")).await;
    let mut later = invitation(2, "bob@example.com");
    later.until = after(61);
    put(place, &later).await;
    let invitations = &place.first.invitations;
    assert_eq!(invitations.purge(after(60), 10).await.unwrap(), 1);
    assert_eq!(find(place, 2, after(60)).await, Some(later));
}
