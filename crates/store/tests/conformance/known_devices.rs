//! What known devices promise.

use futures::future::join_all;
use signet_core::ids::MailId;
use signet_core::known_device::{DeviceDigest, KnownDevice};
use signet_store::{EndingChange, MAX_KNOWN_DEVICES, QueuedMail};

use crate::given::{NOW, Place, account_id, after, step};

fn device(number: u32, seconds: u64) -> KnownDevice {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    KnownDevice {
        digest: DeviceDigest::from_bytes(bytes),
        seen_at: after(seconds),
    }
}

fn mail(number: u8) -> QueuedMail {
    QueuedMail {
        id: MailId::from_bytes([number; 16]),
        account_id: Some(account_id(1)),
        payload: vec![number; 300],
        due: NOW,
        until: after(60),
    }
}

async fn add(place: &Place, device: &KnownDevice, mail: Option<&QueuedMail>) -> bool {
    let devices = &place.first.known_devices;
    devices.add(account_id(1), device, mail).await.unwrap()
}

async fn list(place: &Place) -> Vec<KnownDevice> {
    let mut listed = place
        .second
        .known_devices
        .list(account_id(1))
        .await
        .unwrap();
    listed.sort_by_key(|device| *device.digest.as_bytes());
    listed
}

async fn waiting(place: &Place) -> usize {
    let outbox = &place.second.outbox;
    outbox.lease(NOW, after(1), 100).await.unwrap().len()
}

pub(crate) async fn a_device_is_added_once_with_its_mail(place: &Place) {
    assert!(!add(place, &device(1, 0), Some(&mail(1))).await);
    place.register().await;
    assert!(add(place, &device(1, 0), Some(&mail(1))).await);
    assert!(!add(place, &device(1, 1), Some(&mail(2))).await);
    assert!(add(place, &device(2, 0), None).await);
    assert_eq!(list(place).await, [device(1, 0), device(2, 0)]);
    assert_eq!(waiting(place).await, 1);
}

pub(crate) async fn a_device_that_is_seen_again_keeps_its_latest_time(place: &Place) {
    place.register().await;
    add(place, &device(1, 5), None).await;
    let devices = &place.first.known_devices;
    for seconds in [9, 7] {
        let again = device(1, seconds);
        devices.see(account_id(1), &again).await.unwrap();
    }
    let unknown = device(2, 0);
    devices.see(account_id(1), &unknown).await.unwrap();
    assert_eq!(list(place).await, [device(1, 9)]);
}

pub(crate) async fn devices_go_with_their_account_or_when_they_are_not_seen(place: &Place) {
    place.register().await;
    for number in 1..=3 {
        add(place, &device(number, u64::from(number)), None).await;
    }
    let devices = &place.first.known_devices;
    assert_eq!(devices.purge(after(2), 1).await.unwrap(), 1);
    assert_eq!(devices.purge(after(2), 10).await.unwrap(), 1);
    assert_eq!(list(place).await, [device(3, 3)]);
    let accounts = &place.first.accounts;
    let gone = accounts.change(account_id(1), step(0), &EndingChange::Delete);
    gone.await.unwrap();
    assert_eq!(list(place).await, []);
}

pub(crate) async fn an_account_has_a_limited_number_of_devices(place: &Place) {
    place.register().await;
    for number in 0..MAX_KNOWN_DEVICES {
        assert!(add(place, &device(number, 0), None).await);
    }
    assert!(!add(place, &device(MAX_KNOWN_DEVICES, 0), Some(&mail(1))).await);
    assert_eq!(waiting(place).await, 0);
}

pub(crate) async fn of_fifty_that_add_a_device_one_is_first(place: &Place) {
    place.register().await;
    let tries = (0..50_u8).map(|turn| {
        let stores = place.handle(turn.into());
        async move {
            let (device, mail) = (device(1, 0), mail(turn));
            let added = stores
                .known_devices
                .add(account_id(1), &device, Some(&mail));
            added.await.unwrap()
        }
    });
    let added = join_all(tries).await;
    assert_eq!(added.iter().filter(|added| **added).count(), 1);
    assert_eq!(waiting(place).await, 1);
}
