//! What accounts promise.

use crate::given::{Place, account_id, credentials};
use signet_store::Created;

pub(crate) async fn an_account_is_found_by_id_and_by_email_in_any_case(place: &Place) {
    let ada = credentials(1, "Ada@Example.com");
    assert_eq!(
        place.first.accounts.create(&ada).await.unwrap(),
        Created::Added
    );
    let accounts = &place.second.accounts;
    let by_id = accounts.by_id(account_id(1)).await.unwrap().unwrap();
    assert_eq!(by_id.account, ada.account);
    assert_eq!(by_id.password_hash, ada.password_hash);
    let email = "aDA@example.COM".parse().unwrap();
    let by_email = accounts.by_email(&email).await.unwrap().unwrap();
    assert_eq!(by_email.account, ada.account);
}
