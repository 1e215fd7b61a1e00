//! What adding many accounts promises.

use futures::future::join_all;
use signet_core::authenticators::{AuthenticatorSet, Passkey};
use signet_core::second_factor::RecoveryCodeDigest;
use signet_store::{EndingChange, ImportedAccount};

use crate::given::{NOW, Place, account_id, credentials, step};

/// Account `number` with an authenticator app, a recovery code and a passkey.
fn full(number: u8, email: &str) -> ImportedAccount {
    let none = AuthenticatorSet::none(account_id(number), true);
    let passkey = Passkey {
        credential_id: vec![number; 32],
        public_key: vec![0xa5, number],
        counter: 7,
        backup_eligible: true,
        backed_up: false,
        name: None,
        created_at: NOW,
        last_used_at: None,
    };
    let mut record = none.add_passkey(passkey).unwrap();
    record = record.enrol_totp(vec![1, 2, 3]).unwrap();
    record = record.accept_totp(60_000_000).unwrap();
    record.recovery_codes = vec![RecoveryCodeDigest::from_bytes([number; 32])];
    record.version = 1;
    ImportedAccount {
        credentials: credentials(number, email),
        authenticators: Some(record),
    }
}

fn plain(number: u8, email: &str) -> ImportedAccount {
    ImportedAccount {
        credentials: credentials(number, email),
        authenticators: None,
    }
}

async fn add(place: &Place, accounts: &[ImportedAccount]) -> Vec<bool> {
    place.first.imports.add(accounts).await.unwrap()
}

pub(crate) async fn imported_accounts_are_found_with_everything_they_sign_in_with(place: &Place) {
    let ada = full(1, "ada@example.com");
    let bob = plain(2, "bob@example.com");
    assert_eq!(add(place, &[ada.clone(), bob.clone()]).await, [true, true]);
    let authenticators = &place.second.authenticators;
    let found = authenticators.find(account_id(1)).await.unwrap();
    assert_eq!(found, ada.authenticators);
    let found = authenticators.find(account_id(2)).await.unwrap();
    assert_eq!(found, Some(AuthenticatorSet::none(account_id(2), true)));
    let owner = authenticators.owner(&[1; 32]).await.unwrap();
    assert_eq!(owner, Some(account_id(1)));
    for expected in [ada, bob] {
        let expected = expected.credentials;
        let email = &expected.account.email;
        let found = place.second.accounts.by_email(email).await.unwrap();
        let found = found.unwrap();
        assert_eq!(found.password_hash, expected.password_hash);
        assert_eq!(found.account.id, expected.account.id);
    }
    let found = place.second.accounts.by_id(account_id(1)).await.unwrap();
    assert!(found.unwrap().account.second_factors.totp);
}

pub(crate) async fn an_import_never_takes_the_place_of_another_account(place: &Place) {
    assert_eq!(add(place, &[full(1, "ada@example.com")]).await, [true]);
    let mut stolen_passkey = full(4, "dora@example.com");
    let passkeys = full(1, "x@example.com").authenticators.unwrap().passkeys;
    stolen_passkey.authenticators.as_mut().unwrap().passkeys = passkeys;
    let batch = [
        plain(2, "ADA@example.com"),
        plain(1, "carol@example.com"),
        stolen_passkey,
        full(3, "bob@example.com"),
        plain(5, "bob@example.com"),
    ];
    assert_eq!(add(place, &batch).await, [false, false, false, true, false]);
    for number in [2, 4, 5] {
        let accounts = &place.second.accounts;
        let found = accounts.by_id(account_id(number)).await.unwrap();
        assert!(found.is_none(), "{number}");
    }
    let authenticators = &place.second.authenticators;
    let owner = authenticators.owner(&[1; 32]).await.unwrap();
    assert_eq!(owner, Some(account_id(1)));
}

pub(crate) async fn an_id_is_not_used_again_while_its_sessions_are_to_be_ended(place: &Place) {
    place.register().await;
    let accounts = &place.first.accounts;
    let deleted = accounts.change(account_id(1), step(0), &EndingChange::Delete);
    deleted.await.unwrap();
    let again = [plain(1, "ada@example.com")];
    assert_eq!(add(place, &again).await, [false]);
    let pending = accounts.pending_endings(10).await.unwrap();
    let pending = *pending.first().unwrap();
    accounts.endings_done(pending).await.unwrap();
    assert_eq!(add(place, &again).await, [true]);
}

pub(crate) async fn of_twenty_imports_of_one_address_one_is_added(place: &Place) {
    let adds = (1..=20_u8).map(|number| async move {
        let stores = place.handle(usize::from(number));
        let batch = [full(number, "ada@example.com")];
        stores.imports.add(&batch).await.unwrap()
    });
    let added = join_all(adds).await;
    assert_eq!(added.iter().filter(|added| **added == [true]).count(), 1);
}
